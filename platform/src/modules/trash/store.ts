import { visibleRows } from '#kernel/access/record-sql'
import type { ResourceFacts, Resources, TrashFacts } from '#kernel/access/resource'
import type { Ctx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import { join, raw, type Sql, sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'
import type { TrashedRecord } from './model.ts'

/** SQL over tables that modules declare. Names of tables and columns come from their manifests, never from a caller. */

/** A kind of record that has a trash. */
export interface TrashKind extends ResourceFacts {
  readonly resource: string
  readonly trash: TrashFacts
}

export interface TrashWish {
  readonly kinds: readonly TrashKind[]
  /** How long what an older release has deleted waits: it noted no day. */
  readonly trashDays: number
  /** Only what may be deleted for good by then. */
  readonly purgedBefore?: string | undefined
}

/**
 * Deleted records of all these kinds that the actor may restore, in one query: each kind gives one page by its own index,
 * and the page is cut from these. What is part of a deleted record comes and goes with it, and is not shown.
 */
export async function listTrash(
  ctx: Ctx,
  resources: Resources,
  page: Page,
  { kinds, trashDays, purgedBefore }: TrashWish,
): Promise<TrashedRecord[]> {
  const columns = { deletedAt: 'deleted_at' }
  const parts = kinds.map(({ resource, table, trash }) => {
    const purgeAfter = sql`coalesce(t.purge_after, t.deleted_at + ${trashDays}::int * interval '1 day')`
    const conditions = filterSql([
      isAboveLive(resources, resource, 't'),
      visibleRows(ctx.access, resources, `${resource}:restore`, ctx, 't'),
      purgedBefore !== undefined && sql`${purgeAfter} <= ${purgedBefore}`,
    ])
    return sql`(select id, ${resource}::text as resource, ${raw(trash.name)}::text as name, deleted_at,
      deleted_by as deleted_by_id, ${purgeAfter} as purge_after, version from ${raw(table)} t
      where tenant_id = ${ctx.tenant.id} and deleted_at is not null ${conditions} ${pageSql(page, columns)})`
  })
  if (parts.length === 0) return []
  return ctx.db.all(
    sql`select * from (${join(parts, ' union all ')}) trashed ${pageSql({ ...page, after: undefined }, columns)}`,
  )
}

/** That nothing which a record is part of is in the trash. */
function isAboveLive(resources: Resources, resource: string, alias: string): Sql | undefined {
  const parent = resources.get(resource)?.parent
  const above = parent && resources.get(parent.resource)
  if (!parent || !above) return undefined
  const up = `${alias}_up`
  const conditions = filterSql([
    above.trash && sql`${raw(up)}.deleted_at is null`,
    isAboveLive(resources, parent.resource, up),
  ])
  return sql`exists (select from ${raw(`${above.table} ${up}`)} where ${raw(`${up}.tenant_id = ${alias}.tenant_id`)}
    and ${raw(`${up}.id = ${alias}.${parent.column}`)} ${conditions})`
}

/** Its new version. */
export async function writeDeleted(ctx: Ctx, { table }: TrashKind, id: string, purgeAfter: string): Promise<number> {
  const deletedBy = ctx.actor.kind === 'system' ? null : ctx.actor.id
  return changed(
    ctx,
    sql`update ${raw(table)} set deleted_at = ${ctx.now}, deleted_by = ${deletedBy}, purge_after = ${purgeAfter},
      updated_at = ${ctx.now}, version = version + 1 where tenant_id = ${ctx.tenant.id} and id = ${id} returning version`,
  )
}

/** Its new version. */
export async function writeRestored(
  ctx: Ctx,
  { table, trash }: TrashKind,
  id: string,
  name: string | undefined,
): Promise<number> {
  const renamed = name === undefined ? sql`` : sql`, ${raw(trash.name)} = ${name}`
  return changed(
    ctx,
    sql`update ${raw(table)} set deleted_at = null, deleted_by = null, purge_after = null ${renamed},
      updated_at = ${ctx.now}, version = version + 1 where tenant_id = ${ctx.tenant.id} and id = ${id} returning version`,
  )
}

async function changed(ctx: Ctx, update: Sql): Promise<number> {
  const row = await ctx.db.first<{ version: number }>(update)
  if (!row) throw new Error('a record is gone that was locked')
  return row.version
}

/**
 * Whether there is one of the name of a deleted record that is not deleted. Two restores to one name take turns here, so
 * that the second sees what the first did.
 */
export async function isNameTaken(ctx: Ctx, { resource, table, trash }: TrashKind, id: string): Promise<boolean> {
  const name = raw(trash.name)
  const own = sql`select ${name}::text as name from ${raw(table)} where tenant_id = ${ctx.tenant.id} and id = ${id}`
  await ctx.db.first(
    sql`select pg_advisory_xact_lock(hashtextextended(${`${ctx.tenant.id} ${resource} `}::text || (${own}), 0))`,
  )
  const other = await ctx.db.first(sql`select id from ${raw(table)}
    where tenant_id = ${ctx.tenant.id} and ${name} = (${own}) and deleted_at is null limit 1`)
  return other !== undefined
}

/** Ids of what is part of these records. */
export async function partsOf(
  ctx: Ctx,
  { table, parent }: ResourceFacts,
  parentIds: readonly string[],
): Promise<string[]> {
  const rows = await ctx.db.all<{ id: string }>(sql`select id from ${raw(table)}
    where tenant_id = ${ctx.tenant.id} and ${raw(parent?.column ?? 'null')} = any(${parentIds}::uuid[])`)
  return rows.map(({ id }) => id)
}

export async function deleteRows(ctx: Ctx, { table }: ResourceFacts, ids: readonly string[]): Promise<void> {
  await ctx.db.change(sql`delete from ${raw(table)} where tenant_id = ${ctx.tenant.id} and id = any(${ids}::uuid[])`)
}
