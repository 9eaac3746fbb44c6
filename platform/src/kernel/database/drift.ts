import { createHash } from 'node:crypto'
import type pg from 'pg'
import { inOwnersTransaction } from './migration-transaction.ts'

/**
 * What one schema is made of, a line a thing: tables with their owner, grants and row security, columns, constraints,
 * indexes, policies, triggers. The schema's own name is left out, so that two schemas of one release read the same.
 */
export async function linesOf(client: pg.ClientBase, schema: string): Promise<string[]> {
  return inOwnersTransaction(client, 'migrations', async () => {
    const { rows } = await client.query<{ line: string }>(`${linesSql} order by line collate "C"`, [[schema]])
    return rows.map(({ line }) => line)
  })
}

/** A hash of the same for several schemas of one database, in one query. */
export async function hashesOf(client: pg.ClientBase, schemas: readonly string[]): Promise<Map<string, string>> {
  return inOwnersTransaction(client, 'migrations', async () => {
    const { rows } = await client.query<{ schema: string; hash: string }>(
      `select schema, encode(sha256(convert_to(string_agg(line, E'\\n' order by line collate "C"), 'UTF8')), 'hex') as hash
       from (${linesSql}) lines group by schema`,
      [schemas],
    )
    return new Map(rows.map(({ schema, hash }) => [schema, hash]))
  })
}

/** The hash that `hashesOf` would give to these lines. */
export function hashOf(lines: readonly string[]): string {
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}

/** What a schema has beyond the reference (`+`) and what it lacks (`-`). */
export function differencesBetween(reference: readonly string[], found: readonly string[]): string[] {
  const [wanted, there] = [new Set(reference), new Set(found)]
  return [
    ...found.filter((line) => !wanted.has(line)).map((line) => `+ ${line}`),
    ...reference.filter((line) => !there.has(line)).map((line) => `- ${line}`),
  ]
}

const grants = (acl: string) => `(select string_agg(item::text, ', ' order by item::text) from unnest(${acl}) item)`

const linesSql = `
with ours as (select oid, nspname from pg_namespace where nspname = any ($1)),
tables as (
  select c.*, ours.nspname from pg_class c join ours on ours.oid = c.relnamespace where relkind in ('r', 'p', 'v', 'm', 'S', 'f')
),
lines as (
  select nspname, format('table %s, kind %s, owner %s, grants %s, row security %s %s, options %s', relname, relkind,
    relowner::regrole, ${grants('relacl')}, relrowsecurity, relforcerowsecurity, reloptions) as line
  from tables
  union all
  select nspname, format('column %s.%s %s, not null %s, identity %s, generated %s, default %s, grants %s', relname, attname,
    format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated, pg_get_expr(adbin, adrelid), ${grants('attacl')})
  from tables join pg_attribute on attrelid = tables.oid left join pg_attrdef on (adrelid, adnum) = (attrelid, attnum)
  where attnum > 0 and not attisdropped
  union all
  select nspname, format('constraint %s.%s %s', relname, conname, pg_get_constraintdef(k.oid))
  from tables join pg_constraint k on conrelid = tables.oid
  union all
  select nspname, format('index %s, valid %s', pg_get_indexdef(indexrelid), indisvalid)
  from tables join pg_index on indrelid = tables.oid
  union all
  select nspname, format('policy %s.%s permissive %s, command %s, roles %s, using %s, check %s', relname, polname, polpermissive,
    polcmd, (select string_agg(role::regrole::text, ', ' order by role::regrole::text) from unnest(polroles) role),
    pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
  from tables join pg_policy on polrelid = tables.oid
  union all
  select nspname, format('trigger %s, enabled %s', pg_get_triggerdef(t.oid), tgenabled)
  from tables join pg_trigger t on tgrelid = tables.oid where not tgisinternal
  union all
  select nspname, format('function %s, grants %s, %s', proname, ${grants('proacl')}, pg_get_functiondef(p.oid))
  from pg_proc p join ours on ours.oid = pronamespace where prokind = 'f'
)
select nspname::text as schema, replace(line, nspname || '.', '') as line from lines`
