import type { ResourceFacts } from './access/resource.ts'
import type { Ctx } from './context.ts'
import type { JobKind, Listener, Operation } from './operation.ts'
import { defaultLimits, type RateLimits, rateClasses } from './rate/limits.ts'

export type SystemRole = 'owner' | 'admin' | 'member' | 'viewer' | 'guest'

/** Privileges on a table, as PostgreSQL names them. */
export type Privilege = 'select' | 'insert' | 'update' | 'delete'

/**
 * What a table is, and who may do what to it. There are four kinds:
 * - `tenant`: rows of tenants, in each tenant's cell, behind row-level security (`tenancy.protect_tenant_table`);
 * - `directory`: needed before a tenant is known; read by the serving role through listed functions only;
 * - `identity`: accounts and sessions; the identity role's alone;
 * - `platform`: the platform's own catalogue; the control role's alone.
 * `also` are privileges of roles beyond the one that works on this kind, each with a policy of the same name.
 */
export interface TableFacts {
  readonly kind: 'tenant' | 'directory' | 'identity' | 'platform'
  readonly privileges: readonly Privilege[]
  readonly also?: Readonly<Record<string, readonly Privilege[]>>
}

/** Something that is not switched on for everybody yet. */
export interface FlagFacts {
  /** For who decides about it. */
  readonly summary: string
  /** What it is while staff have said nothing else. */
  readonly default: boolean
}

/** Something of which a plan says how much of it a tenant may have. */
export interface EntitlementFacts {
  /** The kind of record that is counted, as `resources` name it: those that are not in the trash. */
  readonly records: string
}

/** Something to begin with in a new organisation. What its page says of it is in the module's `pages.tsx`. */
export interface OnboardingStep {
  /** Who can see to it, and is shown it. */
  readonly permission: string
  /** Whether what it asks for is there. */
  readonly isDone: (ctx: Ctx) => Promise<boolean>
}

export interface ModuleDefinition {
  readonly name: string
  /** The folder that holds `migrations/`, as `import.meta.dirname`; absent for modules without tables. */
  readonly folder?: string
  /** Modules whose doors this one imports. */
  readonly needs?: readonly string[]
  readonly tables?: Readonly<Record<string, TableFacts>>
  /** Functions that other roles may call, by schema-qualified signature: the roles that may. */
  readonly functions?: Readonly<Record<string, readonly string[]>>
  /** `resource:action` → the system roles that hold it from the start. */
  readonly permissions?: Readonly<Record<string, readonly SystemRole[]>>
  /** Kinds of records that roles can be given for one by one, or by team: by the resource of their permissions. */
  readonly resources?: Readonly<Record<string, ResourceFacts>>
  /** By the name that plans and operations use: `projects`. */
  readonly entitlements?: Readonly<Record<string, EntitlementFacts>>
  /** By key: the name of the module, a dot and a name. Code asks `isOn` (module flags). */
  readonly flags?: Readonly<Record<string, FlagFacts>>
  /** By key: the name of the module, a dot and a name. */
  readonly onboarding?: Readonly<Record<string, OnboardingStep>>
  readonly operations?: readonly Operation[]
  readonly jobs?: readonly JobKind[]
  readonly listeners?: readonly Listener[]
}

export type Module = Readonly<Required<Omit<ModuleDefinition, 'folder'>>> & { readonly folder: string | undefined }

/** A vertical slice of the product: its operations, tables, permissions and reactions, in one object. */
export function module(definition: ModuleDefinition): Module {
  return Object.freeze({
    name: definition.name,
    folder: definition.folder,
    needs: definition.needs ?? [],
    tables: definition.tables ?? {},
    functions: definition.functions ?? {},
    permissions: definition.permissions ?? {},
    resources: definition.resources ?? {},
    entitlements: definition.entitlements ?? {},
    flags: definition.flags ?? {},
    onboarding: definition.onboarding ?? {},
    operations: definition.operations ?? [],
    jobs: definition.jobs ?? [],
    listeners: definition.listeners ?? [],
  })
}

/** What a tenant can agree to. */
export interface Plan {
  /** Stable: tenants carry it. */
  readonly key: string
  readonly name: string
  /** Its part of what tenants compete for when there is much to do, as a multiple of the smallest; 1 to 10. */
  readonly weight: number
  /** How long one operation may take, waiting included; the database ends its statements by then. 1,000 to 60,000. */
  readonly timeoutMs: number
  /** Requests in any 60 seconds; `Infinity`: no limit. One user or one key may have half of each. */
  readonly limits: RateLimits
  /** How long what is deleted waits in the trash; 1 to 365. What was deleted under another plan keeps its day. */
  readonly trashDays: number
  /** How many a tenant may have, by entitlement, 0 to 1,000,000,000. Of what it does not name: as many as they like. */
  readonly entitlements: Readonly<Record<string, number>>
}

/** A product: the modules it is made of. The platform's own are added by the platform. */
export interface Product {
  /** What people call it: page titles, mails. */
  readonly name: string
  readonly modules: readonly Module[]
  /** The first is the one that a new tenant begins with. Default: `standard` alone. */
  readonly plans: readonly [Plan, ...Plan[]]
  /** Fills a tenant of the demo with something to look at. */
  readonly demo?: (demo: DemoTenant) => Promise<void>
}

/** A tenant of the demo, and its owner's hands: operations run through the whole pipeline. */
export interface DemoTenant {
  readonly slug: string
  readonly owner: (operation: Operation, input: object) => Promise<unknown>
  /** Accounts of its members, always in the same order. */
  readonly people: readonly string[]
}

/**
 * What a product says of a plan; what it leaves out is 1, 10 s, 6,000 reads, 1,200 writes and 60 heavy requests, 30 days, and
 * as many records as they like.
 */
type PlanDefinition = Pick<Plan, 'key' | 'name'> &
  Partial<Omit<Plan, 'limits'>> & { readonly limits?: Partial<RateLimits> }

const standardPlan: PlanDefinition = { key: 'standard', name: 'Standard' }
const weightMax = 10
const timeoutDefaultMs = 10_000
const [timeoutLeastMs, timeoutMostMs] = [1_000, 60_000]
const limitMost = 1_000_000_000
const trashDaysMax = 365
const smallestPlan = { weight: 1, timeoutMs: timeoutDefaultMs, limits: defaultLimits, trashDays: 30, entitlements: {} }

/**
 * The plan of that key. One that is declared no more, or not yet in this release, counts as the smallest, and allows as many
 * records as the first.
 */
export function planOf(plans: readonly Plan[], key: string): Omit<Plan, 'key' | 'name'> {
  return plans.find((plan) => plan.key === key) ?? { ...smallestPlan, entitlements: plans[0]?.entitlements ?? {} }
}

function isLimit(limit: number): boolean {
  return Number.isInteger(limit) && limit >= 1 && limit <= limitMost
}

/** Declares a product. Throws when two plans have the same key, or when a number of one is out of bounds. */
export function product(
  definition: Omit<Product, 'plans'> & { readonly plans?: readonly [PlanDefinition, ...PlanDefinition[]] },
): Product {
  const [first = standardPlan, ...others] = definition.plans ?? []
  const complete = (plan: PlanDefinition): Plan => ({
    ...smallestPlan,
    ...plan,
    limits: { ...defaultLimits, ...plan.limits },
  })
  const plans = [complete(first), ...others.map(complete)] as const
  for (const { key, weight, timeoutMs, limits, trashDays, entitlements } of plans) {
    if (!/^[a-z][a-z0-9_]{0,39}$/.test(key)) throw new Error(`"${key}" is no key of a plan`)
    if (plans.filter((other) => other.key === key).length > 1) throw new Error(`there are two plans "${key}"`)
    if (!(timeoutMs >= timeoutLeastMs && timeoutMs <= timeoutMostMs))
      throw new Error(`the time-out of plan "${key}" is not from ${timeoutLeastMs} to ${timeoutMostMs} ms`)
    if (!(weight >= 1 && weight <= weightMax))
      throw new Error(`the weight of plan "${key}" is not from 1 to ${weightMax}`)
    if (!(Number.isInteger(trashDays) && trashDays >= 1 && trashDays <= trashDaysMax))
      throw new Error(`the days in the trash of plan "${key}" are not from 1 to ${trashDaysMax}`)
    const wrong = rateClasses.find((rate) => !(limits[rate] === Number.POSITIVE_INFINITY || isLimit(limits[rate])))
    if (wrong)
      throw new Error(
        `the ${wrong} limit of plan "${key}" is neither Infinity nor a whole number from 1 to ${limitMost}`,
      )
    for (const [name, most] of Object.entries(entitlements))
      if (!(most === 0 || most === Number.POSITIVE_INFINITY || isLimit(most)))
        throw new Error(
          `plan "${key}" allows ${most} ${name}: neither Infinity nor a whole number from 0 to ${limitMost}`,
        )
  }
  return Object.freeze({ ...definition, plans })
}
