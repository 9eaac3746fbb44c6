import type { OpenCtx, TenantState } from '#kernel/context'
import { noTenant } from '#kernel/database/signed-context'
import { sql } from '#kernel/database/statement'
import { directoryFacts } from './directory-store.ts'

/** Cells with tenants in one of these states, by name. */
export async function cellsWith(ctx: OpenCtx, states: readonly TenantState[]): Promise<string[]> {
  const rows = await ctx.db.all<{ cell: string }>(
    sql`select distinct cell from ${directoryFacts} t where state = any(${states}::text[]) order by cell`,
  )
  return rows.map(({ cell }) => cell)
}

/** Tenants of a cell in one of these states, by id: at most `limit` after the given one. */
export async function tenantsIn(
  ctx: OpenCtx,
  { cell, after = noTenant }: { cell: string; after?: string | undefined },
  states: readonly TenantState[],
  limit: number,
): Promise<string[]> {
  const rows = await ctx.db.all<{ id: string }>(sql`select id from ${directoryFacts} t
    where state = any(${states}::text[]) and cell = ${cell} and id > ${after} order by id limit ${limit}`)
  return rows.map(({ id }) => id)
}
