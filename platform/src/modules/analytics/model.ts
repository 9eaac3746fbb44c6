import { day, id, instant, line, slug, z } from '#kernel/schema'
import { Model, PlaceName, PlanKey, State } from '#modules/tenants'

/** A day of the control database's rows is one in UTC, whatever the tenant's region. */
export const keptDays = 400
/** By operation they are many more rows, and of interest while something is slow. */
export const operationKeptDays = 35
/** Of one tenant, in the console. */
export const shownDays = 30
/** What a measurement looks at anew, today included: a cell that was down for a day or two leaves no gap. */
export const measuredDays = 3

const count = () => z.number().int().min(0)
const databaseMs = () =>
  z.number().min(0).describe('From statements sent to replies received, added up over all operations.')
const events = () => count().describe('What people and keys did, by the audit log.')
const storedRows = () => count().describe('0 until it was measured.')
const storedBytes = () =>
  count().describe(
    'Of rows, without indexes; an estimate from the first thousand of each table. 0 until it was measured.',
  )

export const Days = z
  .number()
  .int()
  .min(1)
  .max(keptDays)
  .default(shownDays)
  .describe('The last so many days, with today.')

export const Activity = z.object({ day: day(), events: events(), people: count() })

/** What one look at a tenant has found. */
export const Measurement = z.object({
  measuredAt: instant(),
  storedRows: storedRows(),
  storedBytes: storedBytes(),
  days: z.array(Activity).max(measuredDays),
})
export type Measurement = z.infer<typeof Measurement>

const busiest = 'People active on the busiest day.'
const numbers = {
  events: events(),
  people: count().describe(busiest),
  storedRows: storedRows(),
  storedBytes: storedBytes(),
  operations: count(),
  databaseMs: databaseMs(),
  measuredAt: instant().nullable().describe('Null until it was measured.'),
}

const TenantCount = z.object({ name: z.string().max(40), tenants: count() })
const counts = () => z.array(TenantCount).max(1_000)

export const AnalyticsReport = z.object({
  ...numbers,
  tenants: count().describe('Of the directory, without purged ones.'),
  activeTenants: count().describe('In which somebody did something.'),
  plans: counts(),
  models: counts(),
  regions: counts(),
  cells: counts(),
  states: counts(),
})

export const TenantNumbers = z.object({
  id: id(),
  name: line({ max: 100 }),
  slug: slug().nullable(),
  state: State,
  plan: PlanKey,
  model: Model,
  region: PlaceName,
  cell: PlaceName,
  ...numbers,
})

const Day = z.object({
  day: day(),
  events: events(),
  people: count(),
  storedRows: count().nullable().describe('Null for a day on which it was not measured.'),
  storedBytes: count().nullable(),
  operations: count(),
  databaseMs: databaseMs(),
})

export const TenantDays = z.object({
  days: z.array(Day).max(shownDays).describe('The oldest first, today last.'),
  operations: z
    .array(z.object({ operation: z.string().max(100), operations: count(), databaseMs: databaseMs() }))
    .max(10)
    .describe('What took most of the database in these days, the most expensive first.'),
  measuredAt: instant().nullable(),
})
