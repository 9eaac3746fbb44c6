import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Tenant } from '#kernel/context'
import { type BatchedMigration, readBatchedMigrations } from '#kernel/database/batched-migration'
import type { Cell } from '#kernel/database/cell'
import { Databases, type DatabasesSettings } from '#kernel/database/databases'
import { type FleetOptions, type FleetOutcome, migrateFleet } from '#kernel/database/fleet'
import type { Release } from '#kernel/database/fleet-survey'
import { readMigrations } from '#kernel/database/migration-files'
import type { MigrationTarget } from '#kernel/database/migrator'
import { sqlState } from '#kernel/database/server-error'
import { noTenant } from '#kernel/database/signed-context'
import { sql } from '#kernel/database/statement'
import type { Module } from '#kernel/module'
import { systemPermissions, updateSystemRoles } from '#modules/access'
import { ControlMirror } from '#modules/fleet'
import { tenantsWithOwnPlace } from '#modules/tenants'
import { migrateUntilHeld } from './batched-migrations.ts'
import { systemSession } from './system-session.ts'

const tenantsAtOnce = 500
const undefinedTable = '42P01'
const undefinedColumn = '42703'

/**
 * Brings every database and schema of the installation to this release: its tables, and what the modules permit the
 * system roles of each tenant. Throws when the control database or every cell fails and, once all else is applied, when
 * something waits for a batched migration; what else fails is in the outcome.
 */
export async function migrate(
  settings: DatabasesSettings,
  modules: readonly Module[],
  options: Omit<FleetOptions, 'mirror'> = {},
): Promise<FleetOutcome> {
  const databases = new Databases(settings)
  try {
    const mirror = new ControlMirror(databases.control)
    return await migrateUntilHeld(databases, await batchedMigrations(modules), await releaseOf(modules), (release) =>
      migrateFleet(migrationTargets(databases), release, { ...options, mirror }),
    )
  } finally {
    await databases.end()
  }
}

/** Whatever has a migration level of its own: what everybody stands on, then the places of single tenants, by tenant. */
export async function* migrationTargets(databases: Databases): AsyncGenerator<MigrationTarget> {
  yield databases.controlTarget()
  yield* cellTargets(databases, databases.cells)
}

/** The same of some cells: their pools, their templates, and the tenants in them. */
export async function* cellTargets(databases: Databases, cells: readonly Cell[]): AsyncGenerator<MigrationTarget> {
  for (const cell of cells) yield cell.poolTarget()
  for (const cell of cells) if (await isPreparedForSilos(cell)) yield cell.templateTarget()
  try {
    for await (const { id, state, placement } of tenantsOfOwnPlace(databases)) {
      const target = cells.find(({ name }) => name === placement.cell)?.migrationTargetOf(id, placement)
      // Whoever makes a place migrates it, too; of a purged tenant nothing is left.
      if (target && state !== 'provisioning' && state !== 'purged') yield target
    }
  } catch (error) {
    // No tenants are known while the control database itself waits for the migration that makes what is read here.
    if (sqlState(error) !== undefinedTable && sqlState(error) !== undefinedColumn) throw error
  }
}

/** Those that have a schema or a database of their own, a few hundred at a time. */
export async function* tenantsOfOwnPlace(databases: Databases): AsyncGenerator<Tenant> {
  let lastId = noTenant
  for (;;) {
    const tenants = await tenantsWithOwnPlace(systemSession(databases.control), lastId, tenantsAtOnce)
    yield* tenants
    if (tenants.length < tenantsAtOnce) return
    lastId = tenants.at(-1)?.id ?? lastId
  }
}

/** A server that was prepared before there were silos has no template. Of one that does not answer nothing can be copied. */
export async function isPreparedForSilos({ serving, templateDatabase }: Cell): Promise<boolean> {
  const found = sql`select from pg_database where datname = ${templateDatabase}`
  return systemSession(serving)
    .first(found)
    .then(
      (row) => row !== undefined,
      () => false,
    )
}

/** What this release wants of every target: its migrations, and what the modules permit the system roles. */
export async function releaseOf(modules: readonly Module[]): Promise<Release> {
  const permissions = systemPermissions(modules)
  return {
    migrations: await readMigrations(migrationSources(modules)),
    manifest: {
      digest: createHash('sha256').update(JSON.stringify(permissions)).digest('hex'),
      apply: (client) => updateSystemRoles(client, permissions),
    },
  }
}

/** What this release changes in the background. */
export function batchedMigrations(modules: readonly Module[]): Promise<BatchedMigration[]> {
  return readBatchedMigrations(migrationSources(modules))
}

/** Where migrations are: the kernel's first, then the modules' in the order in which they were put together. */
export function migrationSources(modules: readonly Module[]): { module: string; folder: string }[] {
  const own = modules.flatMap((module) =>
    module.folder === undefined ? [] : { module: module.name, folder: module.folder },
  )
  return [{ module: 'kernel', folder: join(import.meta.dirname, 'kernel/database') }, ...own]
}
