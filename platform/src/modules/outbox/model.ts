import { id, line, z } from '#kernel/schema'

export const Reason = line({ max: 500 }).describe('Why; kept in the record.')

export const Message = z.object({
  id: id(),
  tenantId: id().nullable().describe('Whose it is; null for what belongs to no organisation.'),
  kind: z.enum(['event', 'job']),
  name: z.string().max(100).describe('Of the event or the job.'),
  place: z.string().max(100).describe('The outbox that it is in.'),
})
