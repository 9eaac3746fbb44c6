import type pg from 'pg'
import type { Module, TableFacts } from '../module.ts'
import { recordOfIdentity, recordTables, sealTables } from './record-tables.ts'
import { type DatabaseKind, loginRoles, schemaOf } from './roles.ts'

/**
 * Compares a database with the matrix of roles, tables, policies and grants that the modules declare. Run at start,
 * which refuses to serve when anything is off, and in the tests, which break one thing after the other.
 */

/** `isAhead`: a newer release has migrated it, and tables and functions that nobody here declares are left to that. */
interface Reach {
  readonly isAhead: boolean
}

/** One thing that is not as declared, in a sentence. */
export type Difference = string

export interface ExpectedTable {
  readonly schema: string
  readonly facts: TableFacts
  /** `role privilege`, sorted. */
  readonly grants: readonly string[]
  /** `name kind command roles`, sorted. */
  readonly policies: readonly string[]
}

/** Functions of foundation.sql that run as their owner without a fixed path: each name and operator in them is qualified. */
const qualifiedFunctions = new Set(['tenancy.verified_tenant()', 'tenancy.verified_actor()', 'tenancy.ring(text)'])
const foundationFunctions: Readonly<Record<string, readonly string[]>> = {
  'tenancy.named_tenant()': ['tenantry_control', 'tenantry_identity', 'tenantry_owner', 'tenantry_workers'],
  'tenancy.verified_tenant()': ['tenantry_control', 'tenantry_identity', 'tenantry_workers'],
  'tenancy.verified_actor()': ['tenantry_control', 'tenantry_identity', 'tenantry_workers'],
  'tenancy.protect_tenant_table(text, text)': ['tenantry_owner'],
  'tenancy.refuse_change()': ['tenantry_owner'],
  'tenancy.leave_unsealed()': ['tenantry_owner'],
  'tenancy.ring(text)': ['tenantry_workers'],
}
/** Tables of the platform's own machinery, and who beside their owner may do what with them. */
const machinery: Readonly<Record<string, readonly string[]>> = {
  'migrations.ledger': [],
  'tenancy.signing_keys': [],
  'tenancy.home': [],
  'tenancy.bells': ['tenantry_relay delete', 'tenantry_relay select'],
}
const ours = ['control', 'pool', 'identity', 'tenancy', 'migrations', 'extensions', 'public']

/** Every difference between one database and what the modules declare for it; empty when all is as it should be. */
export async function compareCatalogue(
  client: pg.ClientBase,
  kind: DatabaseKind,
  modules: readonly Module[],
  reach: Reach = { isAhead: false },
): Promise<Difference[]> {
  const expected = expectedTables(kind, modules)
  const differences = [
    ...(await compareTables(client, ours, expected, reach)),
    ...(await compareKeys(client, expected)),
    ...(await compareFunctions(client, ours, expectedFunctions(kind, modules), reach)),
    ...(await compareRoles(client)),
    ...(await compareDatabase(client)),
  ]
  return differences.toSorted()
}

/** The same for one bridge schema: its tables, policies, grants and keys. The rest is its database's. */
export async function compareSchema(
  client: pg.ClientBase,
  schema: string,
  modules: readonly Module[],
  reach: Reach = { isAhead: false },
): Promise<Difference[]> {
  const tables = [...expectedTables('cell', modules)].map(([name, table]) => [name, { ...table, schema }] as const)
  const expected = new Map(tables)
  return [
    ...(await compareTables(client, [schema], expected, reach)),
    ...(await compareKeys(client, expected)),
    ...(await compareFunctions(client, [schema], new Map(), reach)),
  ].toSorted()
}

/** The tables that belong in a database, by name, with the grants and policies that follow from their kind. */
export function expectedTables(kind: DatabaseKind, modules: readonly Module[]): Map<string, ExpectedTable> {
  const here = (facts: TableFacts) => (facts.kind === 'tenant') === (kind !== 'control')
  const declared = modules.flatMap((module) => Object.entries(module.tables)).filter(([, facts]) => here(facts))
  const tables = new Map<string, ExpectedTable>()
  for (const [name, facts] of Object.entries({ ...recordTables, ...sealTables })) {
    tables.set(name, expectedTable(kind, facts, kind === 'control' ? recordOfIdentity[name] : undefined))
  }
  for (const [name, facts] of declared) tables.set(name, expectedTable(kind, facts))
  return tables
}

function expectedTable(database: DatabaseKind, facts: TableFacts, ofIdentity: readonly string[] = []): ExpectedTable {
  const worker =
    facts.kind === 'identity' ? 'tenantry_identity' : database === 'control' ? 'tenantry_control' : 'tenantry_workers'
  const also = Object.entries(facts.also ?? {})
  const grants = [
    ...facts.privileges.map((privilege) => `${worker} ${privilege}`),
    ...also.flatMap(([role, privileges]) => privileges.map((privilege) => `${role} ${privilege}`)),
    ...ofIdentity.map((privilege) => `tenantry_identity ${privilege}`),
  ]
  const workers = ofIdentity.length > 0 ? `${worker},tenantry_identity` : worker
  const ofKind =
    facts.kind === 'tenant'
      ? [
          `tenant_named permissive all ${workers}`,
          `tenant_verified restrictive all ${workers}`,
          'tenant_erased permissive all tenantry_owner',
        ]
      : facts.kind === 'identity'
        ? []
        : [`control_keeps permissive all ${worker}`]
  // A policy for another role is of that role's own name and command; who it is for is what matters here.
  const policies = [...ofKind, ...also.map(([role]) => `other ${role}`)]
  return {
    schema: facts.kind === 'identity' ? 'identity' : schemaOf[database],
    facts,
    grants: grants.toSorted(),
    policies: policies.toSorted(),
  }
}

function expectedFunctions(kind: DatabaseKind, modules: readonly Module[]): Map<string, readonly string[]> {
  const declared = modules
    .flatMap((module) => Object.entries(module.functions))
    .filter(([name]) => name.startsWith(`${schemaOf[kind]}.`))
  return new Map([...Object.entries(foundationFunctions), ...declared])
}

interface FoundTable {
  schema: string
  name: string
  kind: string
  owner: string
  enabled: boolean
  forced: boolean
  invoker: boolean
  grants: string[]
  policies: { name: string; kind: string; command: string; roles: string; using: string | null; check: string | null }[]
}

/**
 * The relations of some schemas, by what PostgreSQL notes of their dependence: no index of pg_class or pg_constraint begins
 * with the schema, and reading both whole takes 200 ms once a thousand schemas are there.
 */
const relationsSql = (schemas: string) => `(
  select n.nspname, c.* from pg_namespace n
    join pg_depend d on d.refclassid = 'pg_namespace'::regclass and d.refobjid = n.oid and d.classid = 'pg_class'::regclass
    join pg_class c on c.oid = d.objid
  where n.nspname = any (${schemas}) and c.relkind in ('r', 'p', 'v', 'm', 'f')) c`

const tablesSql = `
  select c.nspname as schema, c.relname as name, c.relkind as kind, c.relowner::regrole::text as owner,
    c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    coalesce('security_invoker=true' = any (c.reloptions), false) as invoker,
    array(select case a.grantee when 0 then 'public' else a.grantee::regrole::text end || ' ' || lower(a.privilege_type)
      from (select acl.* from aclexplode(c.relacl) acl union all
        select acl.* from pg_attribute t, aclexplode(t.attacl) acl where t.attrelid = c.oid) a
      where a.grantee <> c.relowner order by 1) as grants,
    coalesce((select json_agg(json_build_object('name', p.polname,
      'kind', case when p.polpermissive then 'permissive' else 'restrictive' end,
      'command', case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end,
      'roles', (select string_agg(r.name, ',' order by r.name)
        from (select case role when 0 then 'public' else role::regrole::text end as name from unnest(p.polroles) role) r),
      'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid)))
      from pg_policy p where p.polrelid = c.oid), '[]') as policies
  from ${relationsSql('$1')}`

async function compareTables(
  client: pg.ClientBase,
  schemas: readonly string[],
  expected: ReadonlyMap<string, ExpectedTable>,
  { isAhead }: Reach,
): Promise<Difference[]> {
  const { rows } = await client.query<FoundTable>(tablesSql, [schemas])
  const differences: Difference[] = []
  const seen = new Set<string>()
  for (const table of rows) {
    const label = `${table.schema}.${table.name}`
    const wanted = expected.get(table.name)
    const grants = machinery[label]
    if (grants) differences.push(...difference(`grants on ${label}`, table.grants, grants))
    else if (!wanted || wanted.schema !== table.schema)
      differences.push(...(isAhead ? compareUnknown(label, table) : [`${label} belongs to no declared kind of table`]))
    else {
      seen.add(table.name)
      differences.push(...compareTable(label, table, wanted))
    }
    if (table.kind === 'm') differences.push(`${label} is a materialised view, which no policy protects`)
    if (table.kind === 'v' && !table.invoker) differences.push(`${label} is a view that does not run as its caller`)
  }
  for (const [name, { schema }] of expected)
    if (!seen.has(name)) differences.push(`${schema}.${name} is declared but does not exist`)
  return differences
}

/** A table of a newer release, of whatever kind: what each of them has. */
function compareUnknown(label: string, { schema, kind, enabled, forced, grants }: FoundTable): Difference[] {
  const isHidden = schema === 'identity' || schema === 'tenancy' || kind === 'v' || (enabled && forced)
  return [
    ...(isHidden ? [] : [`${label} is not declared, and does not force row-level security on its owner`]),
    ...grants.filter((grant) => grant.startsWith('public ')).map((grant) => `grants on ${label}: ${grant}`),
  ]
}

function compareTable(label: string, table: FoundTable, { facts, grants, policies }: ExpectedTable): Difference[] {
  const differences: Difference[] = []
  if (table.owner !== 'tenantry_owner') differences.push(`${label} belongs to ${table.owner}, not to tenantry_owner`)
  if (facts.kind !== 'identity' && !table.enabled) differences.push(`${label} has row-level security switched off`)
  if (facts.kind !== 'identity' && !table.forced)
    differences.push(`${label} does not force row-level security on its owner`)
  differences.push(...difference(`grants on ${label}`, table.grants, grants))
  const described = table.policies.map((policy) =>
    /^(tenant_named|tenant_verified|tenant_erased|control_keeps)$/.test(policy.name)
      ? `${policy.name} ${policy.kind} ${policy.command} ${policy.roles}`
      : `other ${policy.roles}`,
  )
  differences.push(...difference(`policies of ${label}`, described.toSorted(), policies))
  for (const policy of table.policies) differences.push(...compareExpression(label, policy))
  return differences
}

const ofNamedTenant = /^\(tenant_id = \( SELECT tenancy\.named_tenant\(\) AS named_tenant\)\)$/
const tenantExpressions: Readonly<Record<string, RegExp>> = {
  tenant_named: ofNamedTenant,
  tenant_erased: ofNamedTenant,
  tenant_verified: /^\(tenant_id = \( SELECT tenancy\.verified_tenant\(\) AS verified_tenant\)\)$/,
}

function compareExpression(label: string, { name, using, check }: FoundTable['policies'][number]): Difference[] {
  const pattern = tenantExpressions[name]
  if (!pattern) return []
  return [
    ...(pattern.test(using ?? '') ? [] : [`${name} of ${label} reads by ${using}`]),
    ...(pattern.test(check ?? '') ? [] : [`${name} of ${label} writes by ${check}`]),
  ]
}

interface FoundKey {
  table: string
  name: string
  type: 'p' | 'u' | 'f' | 'i'
  columns: string[]
}

const keysSql = `
  select k.conrelid::regclass::text as "table", k.conname as name, k.contype::text as type,
    array(select a.attname::text from unnest(k.conkey) with ordinality u (attnum, place)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.attnum order by u.place) as columns
  from ${relationsSql('array[$1]')} join pg_constraint k on k.conrelid = c.oid where k.contype in ('p', 'u', 'f')
  union all
  select i.indrelid::regclass::text, i.indexrelid::regclass::text, 'i',
    array(select a.attname::text from unnest(i.indkey::int2[]) with ordinality u (attnum, place)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum order by u.place)
  from ${relationsSql('array[$1]')} join pg_index i on i.indrelid = c.oid where i.indisunique`

/** Keys of tenant tables start with the tenant: a simple foreign key lets one tenant's cascade delete another's row. */
async function compareKeys(client: pg.ClientBase, expected: ReadonlyMap<string, ExpectedTable>): Promise<Difference[]> {
  const differences: Difference[] = []
  for (const schema of new Set([...expected.values()].map((table) => table.schema))) {
    const { rows } = await client.query<FoundKey>(keysSql, [schema])
    for (const { table, name, type, columns } of rows) {
      const facts = expected.get(table.split('.').at(-1) ?? '')?.facts
      if (facts?.kind !== 'tenant' || columns[0] === 'tenant_id') continue
      differences.push(
        `${name} of ${table} is a ${type === 'f' ? 'foreign key' : 'unique key'} that does not start with tenant_id`,
      )
    }
  }
  return differences
}

const functionsSql = `
  select n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' as name,
    p.prosecdef as definer, exists (select from unnest(p.proconfig) s where s like 'search_path=%') as fixed,
    array(select case a.grantee when 0 then 'public' else a.grantee::regrole::text end
      from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee <> p.proowner order by 1) as grants
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname = any ($1) and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`

async function compareFunctions(
  client: pg.ClientBase,
  schemas: readonly string[],
  expected: ReadonlyMap<string, readonly string[]>,
  { isAhead }: Reach,
): Promise<Difference[]> {
  const { rows } = await client.query<{ name: string; definer: boolean; fixed: boolean; grants: string[] }>(
    functionsSql,
    [schemas],
  )
  const differences: Difference[] = []
  for (const { name, definer, fixed, grants } of rows) {
    const wanted = expected.get(name)
    if (!wanted && !isAhead) differences.push(`${name} is a function that nothing declares`)
    else if (!wanted)
      differences.push(...(grants.includes('public') ? [`callers of ${name}: public is not declared`] : []))
    else differences.push(...difference(`callers of ${name}`, grants, [...wanted].toSorted()))
    if (definer && !fixed && !qualifiedFunctions.has(name))
      differences.push(`${name} runs as its owner without a fixed search_path`)
  }
  const found = new Set(rows.map(({ name }) => name))
  for (const name of expected.keys()) if (!found.has(name)) differences.push(`${name} is declared but does not exist`)
  return differences
}

const rolesSql = `
  select r.rolname as role, r.rolsuper as super, r.rolbypassrls as bypasses, r.rolinherit as inherits, r.rolcreaterole or r.rolcreatedb as creates,
    array(select m.roleid::regrole::text from pg_auth_members m where m.member = r.oid order by 1) as "memberOf"
  from pg_roles r where r.rolname = any ($1)`

async function compareRoles(client: pg.ClientBase): Promise<Difference[]> {
  const { rows } = await client.query<{
    role: string
    super: boolean
    bypasses: boolean
    inherits: boolean
    creates: boolean
    memberOf: string[]
  }>(rolesSql, [loginRoles])
  return rows.flatMap((row) => [
    ...(row.super ? [`${row.role} is a superuser`] : []),
    ...(row.bypasses ? [`${row.role} bypasses row-level security`] : []),
    ...(row.inherits ? [`${row.role} inherits the rights of roles it is in`] : []),
    ...(row.creates && row.role !== 'tenantry_provisioner' ? [`${row.role} may create roles or databases`] : []),
    ...difference(`memberships of ${row.role}`, row.memberOf.filter(notOfSilo), membershipsOf[row.role] ?? []),
  ])
}

const membershipsOf: Readonly<Record<string, readonly string[]>> = {
  tenantry_migrator: ['tenantry_owner', 'tenantry_verifier'],
  tenantry_serving: ['tenantry_workers'],
  tenantry_provisioner: ['tenantry_workers'],
}

/** Whoever creates a role may give it away; the provisioner inherits nothing of it. */
function notOfSilo(role: string): boolean {
  return !/^tenantry_silo_[0-9a-f]{32}$/.test(role)
}

const databaseSql = `
  select 'database to public: ' || lower(a.privilege_type) as found from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
    where d.datname = current_database() and a.grantee = 0
  union all
  select 'database to ' || a.grantee::regrole || ': ' || lower(a.privilege_type) from pg_database d, aclexplode(d.datacl) a
    where d.datname = current_database() and a.privilege_type <> 'CONNECT' and a.grantee <> 0 and a.grantee <> d.datdba
      and not (a.privilege_type = 'CREATE' and a.grantee = 'tenantry_owner'::regrole)
  union all
  select 'schema ' || n.nspname || ' to ' || case a.grantee when 0 then 'public' else a.grantee::regrole::text end || ': create'
    from pg_namespace n, aclexplode(n.nspacl) a where n.nspname = any ($1) and a.privilege_type = 'CREATE' and a.grantee <> n.nspowner
      and a.grantee <> 'pg_database_owner'::regrole
  union all
  select 'default privileges of ' || d.defaclrole::regrole || ' to ' || case a.grantee when 0 then 'public' else a.grantee::regrole::text end
    from pg_default_acl d, aclexplode(d.defaclacl) a where a.grantee <> d.defaclrole`

async function compareDatabase(client: pg.ClientBase): Promise<Difference[]> {
  const { rows } = await client.query<{ found: string }>(databaseSql, [ours])
  return rows.map(({ found }) => `granted on the ${found}`)
}

function difference(what: string, found: readonly string[], wanted: readonly string[]): Difference[] {
  const missing = wanted.filter((each) => !found.includes(each))
  const extra = found.filter((each) => !wanted.includes(each))
  return [
    ...missing.map((each) => `${what}: ${each} is missing`),
    ...extra.map((each) => `${what}: ${each} is not declared`),
  ]
}
