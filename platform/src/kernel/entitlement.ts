import type { ResourceFacts, Resources } from './access/resource.ts'
import type { Tenant } from './context.ts'
import type { Session } from './database/session.ts'
import { raw, type Sql, sql } from './database/statement.ts'
import { Failure } from './errors/failure.ts'
import { entitlementExhausted } from './errors/platform-failures.ts'
import { type Module, type Plan, planOf } from './module.ts'
import type { Operation } from './operation.ts'

/** How many records of one kind a tenant has, and may have. */
export interface EntitlementUsage {
  readonly entitlement: string
  readonly used: number
  readonly limit: number
}

/**
 * May this tenant have one more? Operations that make or restore a record name their entitlement, and are asked in their
 * own transaction, so that nothing is made beyond what the plan says, however many try at once. What is there already stays
 * when a plan comes to allow less.
 */
export class Entitlements {
  readonly #kinds = new Map<string, ResourceFacts>()
  readonly #plans: readonly Plan[]

  /** Throws when manifests, plans and operations contradict each other. */
  constructor(modules: readonly Module[], resources: Resources, plans: readonly Plan[]) {
    this.#plans = plans
    const limited = new Map<string, string>()
    for (const [name, { records }] of modules.flatMap(({ entitlements }) => Object.entries(entitlements))) {
      const facts = resources.get(records)
      if (!facts) throw new Error(`the entitlement ${name} counts ${records}, which nothing declares`)
      if (this.#kinds.has(name)) throw new Error(`the entitlement ${name} is declared twice`)
      this.#kinds.set(name, facts)
      limited.set(`${records}:create`, name).set(`${records}:restore`, name)
    }
    for (const { key, entitlements } of plans)
      for (const name of Object.keys(entitlements))
        if (!this.#kinds.has(name)) throw new Error(`plan "${key}" limits ${name}, which no module declares`)
    for (const operation of modules.flatMap((module) => module.operations)) this.#check(operation, limited)
  }

  #check({ name, method, permission, entitlement, target }: Operation, limited: ReadonlyMap<string, string>): void {
    const due = method === 'GET' ? undefined : limited.get(permission)
    if (due !== undefined && entitlement !== due) throw new Error(`${name} has to name the entitlement ${due}`)
    if (entitlement === undefined) return
    if (!this.#kinds.has(entitlement))
      throw new Error(`${name} names ${entitlement}, an entitlement that nothing declares`)
    if (target !== 'tenant') throw new Error(`${name} names an entitlement, and does not work in the tenant's database`)
  }

  /**
   * Fails with `entitlement.exhausted` unless there is room for one more. The others of the tenant who want one wait here
   * for the commit, and see what it made.
   */
  async requireRoom({ entitlement }: Operation, tenant: Tenant, transaction: Session): Promise<void> {
    if (entitlement === undefined) return
    const limit = this.#limitOf(tenant, entitlement)
    if (limit === Number.POSITIVE_INFINITY) return
    await transaction.first(
      sql`select pg_advisory_xact_lock(hashtextextended(${`${tenant.id} entitlement ${entitlement}`}::text, 0))`,
    )
    const used = await this.#count(tenant, entitlement, transaction, sql`limit ${limit}`)
    if (used < limit) return
    const detail = `The plan of this organisation allows ${limit} ${entitlement}, and it has that many. What is in the trash does not count.`
    throw new Failure(entitlementExhausted, { detail })
  }

  /** What the tenant has of everything that its plan limits. */
  async usage(tenant: Tenant, session: Session): Promise<EntitlementUsage[]> {
    const limited = [...this.#kinds.keys()].filter((name) => this.#limitOf(tenant, name) !== Number.POSITIVE_INFINITY)
    return Promise.all(
      limited.map(async (entitlement) => ({
        entitlement,
        used: await this.#count(tenant, entitlement, session, sql``),
        limit: this.#limitOf(tenant, entitlement),
      })),
    )
  }

  #limitOf({ plan }: Tenant, entitlement: string): number {
    return planOf(this.#plans, plan).entitlements[entitlement] ?? Number.POSITIVE_INFINITY
  }

  /** Also what is part of something in the trash: that comes back with it, and nobody is asked then. */
  async #count(tenant: Tenant, entitlement: string, session: Session, upTo: Sql): Promise<number> {
    const { table, trash } = this.#kinds.get(entitlement) as ResourceFacts
    const live = trash ? sql`and deleted_at is null` : sql``
    const row = await session.first<{ used: number }>(sql`select count(*)::int as used from (
      select from ${raw(table)} where tenant_id = ${tenant.id} ${live} ${upTo}) found`)
    return row?.used ?? 0
  }
}
