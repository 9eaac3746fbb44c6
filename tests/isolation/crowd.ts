import assert from 'node:assert/strict'
import type { Tenant } from '../../platform/src/kernel/context.ts'
import { isServerError, sqlState } from '../../platform/src/kernel/database/server-error.ts'
import { ReadSession, type Target, Transaction } from '../../platform/src/kernel/database/session.ts'
import { systemActor } from '../../platform/src/kernel/database/signed-context.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { newId } from '../../platform/src/kernel/id.ts'

/** Tenants that share few connections. Each has a canary; what one leaves on a connection the next must not find. */
export class Crowd {
  readonly tenants: readonly Tenant[]
  readonly #targetOf: (tenant: Tenant) => Target

  constructor(tenants: readonly Tenant[], targetOf: (tenant: Tenant) => Target) {
    this.tenants = tenants
    this.#targetOf = targetOf
  }

  sessionOf(tenant: Tenant) {
    return {
      target: this.#targetOf(tenant),
      identity: { tenantId: tenant.id, actorId: systemActor },
      deadlineMs: performance.now() + 20_000,
    }
  }

  async write(tenant: Tenant): Promise<void> {
    await this.transact(tenant, async (transaction) => {
      await transaction.change(insertion(tenant, canaryOf(tenant)))
      await transaction.commit([])
    })
  }

  /** Rolls back what the work does not commit. */
  async transact(tenant: Tenant, work: (transaction: Transaction) => Promise<void>): Promise<void> {
    const transaction = new Transaction(this.sessionOf(tenant))
    try {
      await work(transaction)
    } finally {
      await transaction.rollback()
    }
  }

  async writeAll(): Promise<void> {
    await Promise.all(this.tenants.map((tenant) => this.write(tenant)))
  }

  /** Every name of a project that a tenant can see, with no `where` that would help the policies. */
  async seenBy(tenant: Tenant): Promise<string[]> {
    const rows = await new ReadSession(this.sessionOf(tenant)).all<{ name: string }>(
      sql`select name from projects order by created_at, id`,
    )
    return rows.map(({ name }) => name)
  }

  /** Fails unless a tenant sees its own canary, and nothing else. */
  async assertAlone(tenant: Tenant): Promise<void> {
    assert.deepEqual(new Set(await this.seenBy(tenant)), new Set([canaryOf(tenant)]))
  }

  /** So many operations, picked at random for tenants picked at random, with `callers` of them at a time. */
  async interleave(operationsCount: number, callers: number): Promise<void> {
    let left = operationsCount
    const call = async () => {
      while (left-- > 0) {
        const tenant = picked(this.tenants)
        await picked(operations)(this, tenant)
      }
    }
    await Promise.all(Array.from({ length: callers }, call))
    for (const tenant of this.tenants) await this.assertAlone(tenant)
  }
}

const canaryOf = ({ id }: Tenant) => `The canary of ${id}`

/** A project of the tenant. */
export function insertion({ id }: Tenant, name: string) {
  return sql`insert into projects (tenant_id, id, name, description, state, created_at, updated_at)
    values (${id}, ${newId()}, ${name}, '', 'onTrack', now(), now())`
}

function picked<Thing>(things: readonly Thing[]): Thing {
  return things[Math.floor(Math.random() * things.length)] as Thing
}

const failing = (work: Promise<unknown>, state: string) =>
  work.then(
    () => assert.fail('it should have failed'),
    (error: unknown) => assert.equal(sqlState(error), state, String(error)),
  )

/** Each leaves its connection in a state of its own. */
const operations: readonly ((crowd: Crowd, tenant: Tenant) => Promise<void>)[] = [
  (crowd, tenant) => crowd.assertAlone(tenant),
  (crowd, tenant) => crowd.write(tenant),
  (crowd, tenant) =>
    crowd.transact(tenant, async (transaction) => {
      await transaction.change(insertion(tenant, 'Never committed'))
      const rows = await transaction.all<{ name: string }>(sql`select name from projects where name like 'Never%'`)
      assert.deepEqual(rows, [{ name: 'Never committed' }])
    }),
  (crowd, tenant) =>
    crowd.transact(tenant, async (transaction) => {
      await transaction.change(insertion(tenant, 'Never committed'))
      await failing(transaction.all(sql`select 1 / 0`), '22012')
    }),
  async (crowd, tenant) => failing(new ReadSession(crowd.sessionOf(tenant)).all(sql`select 1 / 0`), '22012'),
  async (crowd, tenant) => {
    const session = { ...crowd.sessionOf(tenant), deadlineMs: performance.now() + 5 }
    await new ReadSession(session).all(sql`select pg_sleep(0.03)`).then(
      () => assert.fail('it should have been stopped'),
      (error: unknown) => assert.ok(!isServerError(error) || sqlState(error) === '57014', String(error)),
    )
  },
  async (crowd, tenant) => {
    await new ReadSession(crowd.sessionOf(tenant)).all(
      sql`select set_config('row_security', 'off', false), set_config('search_path', 'nowhere', false)`,
    )
  },
]
