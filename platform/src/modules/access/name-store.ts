import { type Sql, sql } from '#kernel/database/statement'

/**
 * Whether a name looks to people like the one in a column: `owner`, `Owner` and ` OWNER ` do. Whoever reviews who may do
 * what must not take a role for another one.
 */
export function looksLike(column: Sql, name: string): Sql {
  return sql`lower(normalize(btrim(${column}), nfkc)) = lower(normalize(btrim(${name}::text), nfkc))`
}
