import pg from 'pg'
import { type DatabaseKind, loginRoles, rolePassword, rolesOf, schemaOf, urlFor } from './roles.ts'

const ident = pg.escapeIdentifier
const literal = pg.escapeLiteral

/** PostgreSQL's major version below which the platform does not run: uuidv7() and the checks of 18 are used. */
export const postgresMajorMin = 18

export interface Preparation {
  /** Of somebody who may create roles and databases; a managed service's administrator is enough. */
  readonly administratorUrl: string
  readonly secret: string
  /** Absent: the server is one of further cells only. */
  readonly controlDatabase?: string
  readonly cellDatabase: string
  /** What silos are copied from; absent: no tenant can have a database of its own here. */
  readonly templateDatabase?: string
}

/**
 * Makes a server ready for the platform: roles with their passwords, the databases, their schemas and who may connect.
 * Idempotent. Tables, policies and grants on them are the migrations' business.
 */
export async function prepareServer(preparation: Preparation): Promise<void> {
  const { administratorUrl, secret, controlDatabase, cellDatabase, templateDatabase } = preparation
  await withClient(administratorUrl, async (client) => {
    await refuseOldServer(client)
    await makeRoles(client, secret)
    if (controlDatabase !== undefined) await makeDatabase(client, controlDatabase)
    await makeDatabase(client, cellDatabase)
    if (templateDatabase !== undefined) await makeDatabase(client, templateDatabase)
  })
  if (controlDatabase !== undefined)
    await prepareDatabase(urlFor(administratorUrl, { database: controlDatabase }), controlDatabase, 'control')
  await prepareDatabase(urlFor(administratorUrl, { database: cellDatabase }), cellDatabase, 'cell')
  if (templateDatabase === undefined) return
  await prepareDatabase(urlFor(administratorUrl, { database: templateDatabase }), templateDatabase, 'silo')
  await withClient(administratorUrl, (client) =>
    client.query(`alter database ${ident(templateDatabase)} with is_template true`),
  )
}

export async function withClient<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 })
  // A connection lost between two queries fails the next query; without a listener it would end the process.
  client.on('error', () => {})
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

export async function refuseOldServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  )
  const major = rows[0]?.major ?? 0
  if (major < postgresMajorMin) {
    throw new Error(`This is PostgreSQL ${major}; Tenantry needs ${postgresMajorMin} or newer.`)
  }
}

/**
 * What a session of a role that serves starts with. A tenant's statement never gets more than one core; compiling plans
 * costs more than it saves on short ones.
 */
export const sessionSettings = [
  "lock_timeout = '5s'",
  "idle_in_transaction_session_timeout = '15s'",
  'jit = off',
  'max_parallel_workers_per_gather = 0',
  "timezone = 'UTC'",
  "statement_timeout = '30s'",
]

async function makeRoles(client: pg.Client, secret: string): Promise<void> {
  // Roles belong to the whole server: two preparations at once (tests, two installations) must not trip over each other.
  await client.query("select pg_advisory_lock(hashtext('tenantry roles'))")
  const { rows } = await client.query<{ rolname: string }>('select rolname from pg_roles')
  const present = new Set(rows.map((row) => row.rolname))
  for (const role of ['tenantry_owner', 'tenantry_verifier', 'tenantry_workers', ...loginRoles]) {
    if (!present.has(role)) await client.query(`create role ${ident(role)} nologin noinherit`)
  }
  for (const role of loginRoles) {
    const password = literal(rolePassword(secret, role))
    // It may make silos and the login roles of their tenants. In one statement: another process may be making one right now.
    const makes = role === 'tenantry_provisioner' ? 'createdb createrole' : 'nocreatedb nocreaterole'
    await client.query(`alter role ${ident(role)} with login noinherit ${makes} password ${password}`)
  }
  await client.query('grant tenantry_owner, tenantry_verifier to tenantry_migrator with inherit false, set true')
  await client.query('grant tenantry_owner, tenantry_verifier to current_user with inherit true, set true')
  await client.query('grant tenantry_workers to tenantry_serving with inherit true, set false')
  // The provisioner puts the roles of silos into the group that the policies name.
  await client.query('grant tenantry_workers to tenantry_provisioner with admin true, inherit false, set false')
  for (const role of ['tenantry_serving', 'tenantry_control', 'tenantry_identity', 'tenantry_relay']) {
    for (const setting of sessionSettings) await client.query(`alter role ${ident(role)} set ${setting}`)
  }
  await client.query("select pg_advisory_unlock(hashtext('tenantry roles'))")
}

async function makeDatabase(client: pg.Client, name: string): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [name])
  if (rowCount === 0) await client.query(`create database ${ident(name)}`)
}

async function prepareDatabase(url: string, name: string, kind: DatabaseKind): Promise<void> {
  const schema = schemaOf[kind]
  const roles = rolesOf[kind].map(ident).join(', ')
  const users = kind === 'control' ? roles : `${roles}, tenantry_workers`
  const statements = [
    `revoke all on database ${ident(name)} from public`,
    `grant connect on database ${ident(name)} to ${roles}`,
    'revoke all on schema public from public',
    'create schema if not exists extensions',
    'grant usage on schema extensions to public',
    'create schema if not exists tenancy authorization tenantry_verifier',
    `grant usage on schema tenancy to tenantry_owner, ${users}`,
    'create schema if not exists migrations authorization tenantry_owner',
    'grant usage on schema migrations to tenantry_migrator',
    `create schema if not exists ${schema} authorization tenantry_owner`,
    // For the schemas of bridge tenants.
    ...(kind === 'cell' ? [`grant create on database ${ident(name)} to tenantry_owner`] : []),
    ...(kind === 'control'
      ? [
          'create schema if not exists identity authorization tenantry_owner',
          'grant usage on schema identity to tenantry_identity',
        ]
      : []),
    `grant usage on schema ${schema} to ${users}`,
    // What a function may do is granted one by one: a new one starts without anybody.
    'alter default privileges for role tenantry_owner revoke execute on functions from public',
    'alter default privileges for role tenantry_verifier revoke execute on functions from public',
    ...rolesOf[kind].map(
      (role) => `alter role ${ident(role)} in database ${ident(name)} set search_path = ${schema}, extensions`,
    ),
  ]
  await withClient(url, async (client) => {
    for (const statement of statements) await client.query(statement)
  })
}
