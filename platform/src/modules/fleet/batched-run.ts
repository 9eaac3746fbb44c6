import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import type { Tenant } from '#kernel/context'
import { type BatchedMigration, changeBatch } from '#kernel/database/batched-migration'
import type { Database } from '#kernel/database/database'
import { messageOf } from '#kernel/database/fleet-survey'
import type { Place } from '#kernel/database/session'
import { noTenant } from '#kernel/database/signed-context'
import { dueAmong, finishBatch, noteChanged, noteDone, noteFailed } from './batched-store.ts'

export interface BatchedRunParts {
  readonly control: Database
  /** For locks of the session: direct, and this run's alone. */
  readonly locks: pg.ClientBase
  /** Tenants that may have rows, by id: at most `limit` after `lastId`. */
  readonly tenants: (lastId: string, limit: number) => Promise<readonly Tenant[]>
  /** Throws when the tenant's database is closed. */
  readonly placeOf: (tenant: Tenant) => Place
  /** How much longer than each batch the pause after it is. */
  readonly pauseFactor: number
  readonly signal: AbortSignal
  /** Whether somebody has asked the fleet to wait. */
  readonly isHeld: () => Promise<boolean>
  /** After each tenant. */
  readonly visited?: (outcome: 'done' | 'failed') => void
}

/** How a look at all tenants ended, as numbers of tenants. */
interface Walk {
  done: number
  /** Another process is at them. */
  busy: number
}

const tenantsAtOnce = 500
const busyPauseMs = 300
/** 50 million rows of one tenant: a statement that goes on beyond that finds again what it has changed. */
const batchesMax = 100_000

/**
 * Carries batched migrations out, tenant after tenant in the order of their ids. Which tenants are done is kept for each of
 * them, because "all up to this id" would skip one whose id was made before another's and committed after it.
 */
export class BatchedRun {
  readonly #parts: BatchedRunParts

  constructor(parts: BatchedRunParts) {
    this.#parts = parts
  }

  /** Until a look at all tenants finds nobody left; `failed`: somebody is, whom the next run tries again. */
  async over(migration: BatchedMigration): Promise<'finished' | 'failed' | 'stopped'> {
    const { control, signal, isHeld } = this.#parts
    const failed = new Set<string>()
    for (;;) {
      const { done, busy } = await this.#walk(migration, failed)
      if (signal.aborted || (await isHeld())) return 'stopped'
      if (busy > 0) await pause(busyPauseMs, signal)
      if (done + busy > 0) continue
      if ((await dueAmong(control, migration, [...failed])).size > 0) return 'failed'
      await finishBatch(control, migration)
      return 'finished'
    }
  }

  async #walk(migration: BatchedMigration, failed: Set<string>): Promise<Walk> {
    const { control, tenants, signal, isHeld } = this.#parts
    const walk: Walk = { done: 0, busy: 0 }
    let lastId = noTenant
    for (;;) {
      const chunk = await tenants(lastId, tenantsAtOnce)
      const ids = chunk.map(({ id }) => id)
      const due = await dueAmong(control, migration, ids)
      for (const tenant of chunk.filter(({ id }) => due.has(id) && !failed.has(id))) {
        if (signal.aborted || (await isHeld())) return walk
        const end = await this.#visit(migration, tenant)
        if (end === 'failed') failed.add(tenant.id)
        if (end === 'done' || end === 'busy') walk[end]++
      }
      lastId = ids.at(-1) ?? lastId
      if (chunk.length < tenantsAtOnce) return walk
    }
  }

  /** One process at a time is at a tenant. A lock of the session is gone with its process, also after kill -9. */
  async #visit(migration: BatchedMigration, tenant: Tenant): Promise<'done' | 'failed' | 'busy' | 'stopped'> {
    const { control, locks, visited } = this.#parts
    const lock = `hashtextextended('tenantry batched migration of ${tenant.id}', 0)`
    const { rows } = await locks.query<{ got: boolean }>(`select pg_try_advisory_lock(${lock}) as got`)
    if (!rows[0]?.got) return 'busy'
    try {
      if ((await dueAmong(control, migration, [tenant.id])).size === 0) return 'done'
      const outcome = await this.#changeAll(migration, tenant).catch((error: unknown) => error as Error)
      if (outcome === 'stopped') return outcome
      if (outcome === 'done') await noteDone(control, migration, tenant.id)
      else await noteFailed(control, migration, tenant.id, messageOf(outcome))
      const end = outcome === 'done' ? 'done' : 'failed'
      visited?.(end)
      return end
    } finally {
      await locks.query(`select pg_advisory_unlock(${lock})`)
    }
  }

  async #changeAll(migration: BatchedMigration, tenant: Tenant): Promise<'done' | 'stopped'> {
    const { control, placeOf, pauseFactor, signal } = this.#parts
    for (let batches = 0; batches < batchesMax; batches++) {
      if (signal.aborted) return 'stopped'
      const beganAtMs = performance.now()
      const rows = await changeBatch(placeOf(tenant), tenant.id, migration)
      if (rows === 0) return 'done'
      await noteChanged(control, migration, rows)
      await pause((performance.now() - beganAtMs) * pauseFactor, signal)
    }
    throw new Error(`after ${batchesMax} batches it still finds rows: its WHERE must leave out what it has changed`)
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => {})
}
