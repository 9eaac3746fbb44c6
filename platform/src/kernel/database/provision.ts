import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import type { Module } from '../module.ts'
import { compareCatalogue, compareSchema } from './catalogue.ts'
import type { Release } from './fleet-survey.ts'
import { layFoundation } from './foundation.ts'
import { withMigrationClient } from './migration-connection.ts'
import { inOwnersTransaction, inTransactionAs } from './migration-transaction.ts'
import { type BroughtUp, bringUp, type MigrationTarget, migrateUp } from './migrator.ts'
import { sessionSettings, withClient } from './prepare.ts'
import { rolesOf, schemaOf } from './roles.ts'
import { sqlState } from './server-error.ts'

const ident = pg.escapeIdentifier
const literal = pg.escapeLiteral
const templateBusyMaxMs = 20_000

/** A place of its own for one tenant. Each step finds what an earlier, interrupted attempt has left, and goes on from there. */
export interface Provision {
  readonly target: MigrationTarget
  readonly release: Release
  readonly modules: readonly Module[]
}

/** Makes a tenant's schema in the bridge model and brings it to this release. Throws when it is not as declared then. */
export async function provisionBridge({ target, release, modules }: Provision): Promise<BroughtUp> {
  const [schema, roles] = [ident(target.schema), rolesOf.silo.map(ident).join(', ')]
  // One connection for all: each costs as much as a tenth of the tables.
  return withMigrationClient(target.url, async (client) => {
    await layFoundation(client, target)
    await inOwnersTransaction(client, 'migrations', () =>
      // Written to disk with what comes after it.
      client.query(
        `set local synchronous_commit = off; create schema if not exists ${schema};
         grant usage on schema ${schema} to ${roles}, tenantry_workers`,
      ),
    )
    const broughtUp = await bringUp(client, target, release.migrations, { manifest: release.manifest })
    refuse(target, await compareSchema(client, target.schema, modules, broughtUp))
    return broughtUp
  })
}

export interface SiloProvision extends Provision {
  readonly provisionerUrl: string
  readonly templateDatabase: string
  /** Of the database and of the login role that serves it. */
  readonly name: string
  readonly password: string
}

/**
 * Makes a tenant's database in the silo model from the template, and the login role that serves it. That role may log in
 * only once all is there: a connection that was made before would keep the settings of an unfinished database.
 */
export async function provisionSilo(provision: SiloProvision): Promise<BroughtUp> {
  const { target, release, modules, provisionerUrl, name, password } = provision
  await withClient(provisionerUrl, async (client) => {
    await makeRole(client, name)
    await copyTemplate(client, provision)
    for (const statement of connectRights(name)) await client.query(statement)
  })
  await forgetKeysOfTemplate(target)
  const broughtUp = await migrateUp(target, release.migrations, { manifest: release.manifest })
  refuse(target, await withClient(target.url, (client) => compareCatalogue(client, 'silo', modules, broughtUp)))
  await withClient(provisionerUrl, (client) =>
    client.query(`alter role ${ident(name)} with login password ${literal(password)}`),
  )
  return broughtUp
}

async function makeRole(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name])
  if (rowCount === 0) await client.query(`create role ${ident(name)} nologin inherit`)
  await client.query(`grant tenantry_workers to ${ident(name)} with inherit true, set false`)
  for (const setting of sessionSettings) await client.query(`alter role ${ident(name)} set ${setting}`)
}

/** A database to which anybody is connected cannot be copied; the template is only connected to while it is migrated. */
async function copyTemplate(client: pg.Client, { name, templateDatabase }: SiloProvision): Promise<void> {
  const giveUpAtMs = performance.now() + templateBusyMaxMs
  for (;;) {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
    if (rowCount === 1) return
    try {
      await client.query(`create database ${ident(name)} template ${ident(templateDatabase)} strategy wal_log`)
      return
    } catch (error) {
      const somebodyIsThere = sqlState(error) === '55006'
      if (!somebodyIsThere || performance.now() > giveUpAtMs) throw error
      await wait(200)
    }
  }
}

/** Only its own login, the relay and the migrator reach a silo. A copy takes over no rights from its template. */
function connectRights(name: string): string[] {
  const database = ident(name)
  const roles = rolesOf.silo.map(ident).join(', ')
  return [
    `revoke all on database ${database} from public`,
    `grant connect on database ${database} to ${roles}, ${database}`,
    `alter database ${database} set search_path = ${schemaOf.silo}, extensions`,
  ]
}

/** Drops a tenant's schema with all that is in it. What an earlier attempt has dropped is no failure. */
export async function dropBridge({ url, schema }: MigrationTarget): Promise<void> {
  await withMigrationClient(url, async (client) => {
    await inOwnersTransaction(client, 'migrations', async () => {
      await client.query(`drop schema if exists ${ident(schema)} cascade`)
      await client.query('delete from migrations.ledger where schema_name = $1', [schema])
    })
    await inTransactionAs(client, { role: 'tenantry_verifier', schema: 'tenancy' }, () =>
      client.query('delete from bells where schema_name = $1', [schema]),
    )
  })
}

/**
 * Drops a tenant's database and the login role that served it. Nobody gets in any more, and whoever serves it in another
 * process is thrown out; relays leave by themselves within seconds, for which PostgreSQL waits. Throws when one stays: try
 * again then.
 */
export async function dropSilo(silo: Pick<SiloProvision, 'provisionerUrl' | 'name'>): Promise<void> {
  // Of the database and of the role.
  const name = ident(silo.name)
  await withClient(silo.provisionerUrl, async (client) => {
    const isThere = async (text: string) => (await client.query(text, [silo.name])).rowCount === 1
    const roleIsThere = await isThere('select from pg_roles where rolname = $1')
    if (roleIsThere) {
      await client.query(`alter role ${name} with nologin`)
      // Whoever ends its sessions needs its rights. Nothing of this is committed: no other session of the provisioner has them.
      await client.query('begin')
      await client.query(`grant ${name} to current_user with inherit true`)
      await client.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [silo.name])
      await client.query('rollback')
    }
    if (await isThere('select from pg_database where datname = $1')) {
      await client.query(`alter database ${name} with allow_connections false`)
      await client.query(`drop database ${name}`)
    }
    if (roleIsThere) await client.query(`drop role ${name}`)
  })
}

/** A silo has a signing key of its own. Once the migrator has put it there, two keys would be valid. */
async function forgetKeysOfTemplate({ url, key }: MigrationTarget): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('set role tenantry_verifier')
    await client.query('delete from tenancy.signing_keys where id <> $1', [key.id])
  })
}

function refuse({ name }: MigrationTarget, differences: readonly string[]): void {
  if (differences.length > 0) throw new Error(`${name} is not as declared: ${differences.join('; ')}`)
}
