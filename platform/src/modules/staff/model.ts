import { email, id, instant, line, z } from '#kernel/schema'

export const Reason = line({ max: 500 }).describe('Why; kept in the record.')

export const StaffMember = z.object({
  userId: id(),
  email: email(),
  since: instant(),
  appointedBy: z.string().max(36).describe('The account of who appointed them, or the id of the system.'),
  reason: line({ max: 500 }),
})
