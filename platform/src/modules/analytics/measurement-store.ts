import type { Ctx } from '#kernel/context'
import { join, raw, type Sql, sql } from '#kernel/database/statement'
import { tenantMeasured } from './events.ts'
import type { Measurement } from './model.ts'

/** What is asked of a tenant's own place, under its own context: the same statements in pool, bridge and silo. */

/** Rows of each table that are looked at for their size. */
const sampleRows = 1_000

/**
 * Events and distinct people of some days (UTC), each day with a line. What was done by the platform, or for this very
 * measurement, is no activity. Reads the days' part of the index by time.
 */
export async function readActivity(ctx: Ctx, from: string, until: string): Promise<Measurement['days']> {
  return ctx.db.all(sql`select d::date as day, count(e.id) as events,
      count(distinct e.actor_id) filter (where e.actor_kind = 'person') as people
    from generate_series(${from}::date, ${until}::date, interval '1 day') d
    left join audit_events e on e.tenant_id = ${ctx.tenant.id} and e.at >= d and e.at < d + interval '1 day'
      and e.actor_kind in ('person', 'serviceAccount', 'key') and e.event <> ${tenantMeasured.name}
    group by d order by d`)
}

/**
 * Rows and bytes of the tenant in these tables. Rows are counted by the primary key, which begins with the tenant. Bytes
 * are the average size of the first thousand rows by that key, times the rows: a tenant with a million rows costs one
 * pass over an index and no pass over the table, and the same rows give the same number wherever they lie, which the size
 * of files, pages and indexes would not. Long values count as they are kept, compressed.
 */
export async function readStorage(
  ctx: Ctx,
  tables: readonly string[],
): Promise<Pick<Measurement, 'storedRows' | 'storedBytes'>> {
  const keys = await primaryKeys(ctx, tables)
  const parts = keys.map(({ name, key }) => sizeSql(ctx.tenant.id, name, key))
  const sizes = await ctx.db.all<{ rows: number; bytes: number }>(sql`${join(parts, ' union all ')}`)
  return {
    storedRows: sizes.reduce((sum, { rows }) => sum + rows, 0),
    storedBytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0),
  }
}

function sizeSql(tenantId: string, name: string, key: readonly string[]): Sql {
  const table = raw(quoted(name))
  return sql`select s.rows, coalesce(round(s.rows * s.average), 0)::bigint as bytes from (select
    (select count(*) from ${table} where tenant_id = ${tenantId}) as rows,
    (select avg(pg_column_size(sample)) from (
      select * from ${table} where tenant_id = ${tenantId} order by ${raw(key.map(quoted).join(', '))} limit ${sampleRows}
    ) sample) as average) s`
}

/** The columns of each table's primary key, in order. */
async function primaryKeys(ctx: Ctx, tables: readonly string[]): Promise<{ name: string; key: string[] }[]> {
  return ctx.db.all(sql`select t.name, array_agg(a.attname::text order by k.place) as key
    from unnest(${tables}::text[]) t (name)
    join pg_index i on i.indrelid = t.name::regclass and i.indisprimary
    cross join unnest(i.indkey::int2[]) with ordinality k (attribute, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attribute
    group by t.name order by t.name`)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
