import { email, id, instant, line, slug, version, z } from '#kernel/schema'

/** The most that a session may last from the moment it opens. */
export const minutesMax = 60

export const Reason = line({ max: 500 }).describe('Why; the members of the organisation read it.')
export const Ticket = line({ max: 100 }).describe('Under which number the customer asked for help.')
export const Minutes = z.number().int().min(5).max(minutesMax).describe('How long it lasts once it is open.')
export const MemberAddress = email().describe('The member who asked for help: you see what they see, and no more.')

export const SupportState = z.enum(['waiting', 'open', 'ended'])

/** A session as both sides see it. */
export const SupportSession = z.object({
  id: id(),
  state: SupportState.describe('waiting: the organisation has not agreed yet. ended: also when its time has passed.'),
  staff: z.object({ id: id(), name: z.string().max(320) }),
  member: z.object({ id: id(), name: z.string().max(320) }).describe('As whom staff act.'),
  reason: line({ max: 500 }),
  ticket: line({ max: 100 }),
  minutes: Minutes,
  askedAt: instant(),
  openedAt: instant().nullable(),
  endsAt: instant().nullable(),
  mayWrite: z.boolean().describe('Whether it was raised from reading to changing.'),
  raiseReason: line({ max: 500 }).nullable().describe('Why staff want to change something; null when they do not.'),
  endedAt: instant().nullable(),
  endedBy: z.enum(['staff', 'member']).nullable().describe('Null when nobody had to end it.'),
})

/** The same for staff, who see those of all organisations. */
export const SupportSessionForStaff = SupportSession.extend({
  tenant: z.object({ id: id(), slug: slug().nullable(), name: z.string().max(100) }),
})

export const SupportPolicy = z.object({
  access: z
    .enum(['never', 'on_approval', 'always'])
    .describe(
      'Whether staff of the platform may look into this organisation: never, when somebody agrees, or at once.',
    ),
  version: version(),
})
