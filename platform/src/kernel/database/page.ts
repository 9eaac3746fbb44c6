import type { Page } from '../operation.ts'
import { empty, join, raw, type Sql, sql } from './statement.ts'

/**
 * The end of a list's SQL: `and` the rows after the cursor, in order, one more than the page holds (that one says there
 * is a next page). `columns` maps each sortable field to its column, which must be not null and have a leakproof
 * comparison (text, uuid, timestamptz, int), or row-level security keeps the index out of reach. Ties go by `id`.
 */
export function pageSql(page: Page, columns: Readonly<Record<string, string>>): Sql {
  const column = columns[page.sort.field]
  if (column === undefined) throw new Error(`no column to sort "${page.sort.field}" by`)
  const by = raw(column)
  const direction = raw(page.sort.descending ? 'desc' : 'asc')
  const compare = raw(page.sort.descending ? '<' : '>')
  const after = page.after ? sql`and (${by}, id) ${compare} (${page.after.value}, ${page.after.id})` : empty
  return sql`${after} order by ${by} ${direction}, id ${direction} limit ${page.limit + 1}`
}

/** `and a and b …` of the conditions that are there; undefined ones are left out. */
export function filterSql(conditions: readonly (Sql | undefined | false)[]): Sql {
  const present = conditions.filter((condition) => condition instanceof Object)
  return present.length === 0 ? empty : sql`and ${join(present, ' and ')}`
}
