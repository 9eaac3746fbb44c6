import { hash } from 'node:crypto'
import sqlTag, { empty, join, raw, Sql } from 'sql-template-tag'

/**
 * SQL as it is written: `sql\`select … where id = ${id}\``. Every `${value}` travels as a bound parameter, a nested
 * `sql` fragment is spliced in. `raw` takes text of ours only, never of a caller.
 */
export const sql = sqlTag
export { empty, join, raw, Sql }

/** What the session sends: a text, its parameters, and the name under which connections keep it prepared. */
export interface Statement {
  /** Absent once there are too many different texts: such a statement is prepared anew each time. */
  readonly name: string | undefined
  readonly text: string
  readonly values: readonly unknown[]
}

/** First of every batch: an injected set_config(…, false) of an earlier caller must not outlive its request. */
export const reset: Statement = { name: 'reset', text: 'reset all', values: [] }

/** Prepared statements live in every connection (about 10 KB each), so texts built at run time must stay few. */
const preparedTextsMax = 1_000
/** With the schema of a bridge tenant behind it, a name must stay below PostgreSQL's 64 bytes. */
const nameLength = 20
const nameByText = new Map<string, string>()

export function statementOf({ text, values }: Sql): Statement {
  return { name: nameOf(text), text, values }
}

/** From the text: where a pooler hands one connection to several processes, a name must mean the same in all of them. */
function nameOf(text: string): string | undefined {
  const known = nameByText.get(text)
  if (known !== undefined) return known
  if (nameByText.size >= preparedTextsMax) return undefined
  const name = hash('sha256', text, 'base64url').slice(0, nameLength)
  nameByText.set(text, name)
  return name
}
