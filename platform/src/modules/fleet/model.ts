import { id, instant, line, slug, z } from '#kernel/schema'

export const Reason = line({ max: 500 }).describe('Why; kept in the record.')

const count = () => z.number().int().min(0)
const Kind = z.enum(['control', 'tenant']).describe('Which of the two sets of migrations it has.')
const Level = count().nullable().describe('Migrations that it has; null when nobody could look.')

const states = ['current', 'behind', 'running', 'failed'] as const
export const TargetState = z.enum(states)
export type TargetState = z.infer<typeof TargetState>

/** What a list can be narrowed to. */
export const Lagging = z
  .enum([...states, 'lagging'])
  .describe('`lagging`: whatever is not at this release, for one reason or another.')
export type Lagging = z.infer<typeof Lagging>

/** How many migrations a release has for a target of each kind. */
export const Wanted = z.object({ control: count(), tenant: count() })
export type Wanted = z.infer<typeof Wanted>

export const Hold = z.object({
  id: id(),
  reason: line({ max: 500 }),
  since: instant(),
  heldBy: z.string().max(320).nullable().describe('Whoever paused; null for the command line.'),
})
export type Hold = z.infer<typeof Hold>

const Batch = z.object({
  name: z.string().max(200).describe('Its module, number and name.'),
  startedAt: instant(),
  tenantsDone: count(),
  tenantsFailed: count().describe('They are tried again every minute.'),
  rowsChanged: count(),
})

export const FleetReport = z.object({
  wanted: Wanted.describe('Migrations that this release has.'),
  levels: z.array(z.object({ kind: Kind, level: Level, targets: count() })).max(1_000),
  states: z.object({ current: count(), behind: count(), running: count(), failed: count() }),
  batches: z.array(Batch).max(100).describe('Changes of data in the background that are not finished for everybody.'),
  hold: Hold.nullable().describe('While it is there, nothing is migrated.'),
})

export const Target = z.object({
  id: id(),
  name: z
    .string()
    .max(200)
    .describe('As the command line names it: `control`, `cell main`, `bridge` and the id of its tenant.'),
  kind: Kind,
  tenant: z
    .object({ id: id(), name: z.string().max(100), slug: slug().nullable() })
    .nullable()
    .describe('Whose alone it is; null for what everybody stands on.'),
  state: TargetState,
  level: Level,
  wanted: count(),
  error: z.string().max(2_000).nullable(),
  attempts: count().describe('Failed in a row.'),
  changedAt: instant().describe('Since when it has this state and level.'),
})
