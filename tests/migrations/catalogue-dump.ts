import { rowsOf } from '../database.ts'

/**
 * Everything that migrations make, as text: tables with their columns, defaults, owners and grants, constraints, indexes,
 * policies, triggers, functions, sequences, types, and the ledger. Two databases with the same dump have the same schema.
 */
export async function catalogueDump(url: string): Promise<string[]> {
  const rows = await rowsOf(url, dumpSql)
  return rows.map(({ line }) => String(line)).toSorted()
}

/** Of what was made in the schemas that migrations fill, leaving out what the foundation makes before them. */
export function madeByMigrations(dump: readonly string[]): string[] {
  return dump.filter((line) => /^[a-z]+ (pool|control|identity)\./.test(line) || line.startsWith('ledger '))
}

const grants = (acl: string) => `(select string_agg(item::text, ', ' order by item::text) from unnest(${acl}) item)`

const dumpSql = `
with ours as (
  select oid, nspname from pg_namespace where nspname in ('pool', 'control', 'identity', 'tenancy', 'migrations', 'extensions')
)
select format('schema %s, owner %s, grants %s', nspname, nspowner::regrole, ${grants('nspacl')}) as line
from pg_namespace where oid in (select oid from ours)
union all
select format('relation %s.%s, kind %s, owner %s, grants %s, row security %s %s, options %s', nspname, relname, relkind,
  relowner::regrole, ${grants('relacl')}, relrowsecurity, relforcerowsecurity, reloptions)
from pg_class join ours on ours.oid = relnamespace
union all
select format('column %s.%s.%s %s, not null %s, identity %s, generated %s, collation %s, default %s, grants %s', nspname, relname,
  attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, attcollation::regcollation,
  pg_get_expr(adbin, adrelid), ${grants('attacl')})
from pg_attribute a join pg_class c on c.oid = attrelid join ours on ours.oid = relnamespace
  left join pg_attrdef on (adrelid, adnum) = (attrelid, attnum)
where attnum > 0 and not attisdropped and relkind in ('r', 'p', 'v')
union all
select format('constraint %s.%s.%s %s', nspname, conrelid::regclass, conname, pg_get_constraintdef(pg_constraint.oid))
from pg_constraint join ours on ours.oid = connamespace
union all
select format('index %s.%s', nspname, pg_get_indexdef(indexrelid))
from pg_index join pg_class on pg_class.oid = indexrelid join ours on ours.oid = relnamespace
union all
select format('policy %s.%s.%s permissive %s, command %s, roles %s, using %s, check %s', nspname, relname, polname, polpermissive,
  polcmd, (select string_agg(role::regrole::text, ', ' order by role::regrole::text) from unnest(polroles) role),
  pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
from pg_policy join pg_class c on c.oid = polrelid join ours on ours.oid = relnamespace
union all
select format('trigger %s.%s', nspname, pg_get_triggerdef(t.oid))
from pg_trigger t join pg_class c on c.oid = tgrelid join ours on ours.oid = relnamespace where not tgisinternal
union all
select format('function %s.%s, owner %s, grants %s, %s', nspname, proname, proowner::regrole, ${grants('proacl')},
  pg_get_functiondef(pg_proc.oid))
from pg_proc join ours on ours.oid = pronamespace where prokind = 'f'
union all
select format('type %s.%s, kind %s, owner %s', nspname, typname, typtype, typowner::regrole)
from pg_type join ours on ours.oid = typnamespace where typcategory <> 'A' and typtype <> 'c'
union all
select format('defaults %s %s %s', defaclrole::regrole, defaclobjtype, ${grants('defaclacl')}) from pg_default_acl
union all
select format('ledger %s %s %s %s %s', schema_name, module, number, name, checksum) from migrations.ledger`
