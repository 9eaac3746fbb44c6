import pg from 'pg'

/** What the server says of one column of a reply (RowDescription, PostgreSQL protocol 3.0). */
export interface Column {
  readonly name: string
  readonly dataTypeID: number
}

export type Row = Record<string, unknown>

/**
 * Turns the text values of one statement's rows into JavaScript: `created_at` becomes `createdAt`, an instant ISO 8601
 * in UTC with milliseconds, a date `YYYY-MM-DD`, a bigint a number (refused beyond 2^53), json parsed, numeric and the
 * rest text.
 */
export function rowReader(columns: readonly Column[]): (values: readonly (string | null)[]) => Row {
  const names = columns.map((column) => camelCase(column.name))
  const readers = columns.map((column) => readerOf(column.dataTypeID))
  // Copying an object with all keys keeps every row in one hidden class. Spreading it would be slow in code that copies
  // objects of many shapes.
  const shape: Row = Object.fromEntries(names.map((name) => [name, null]))
  return (values) => {
    const row: Row = Object.assign({}, shape)
    for (let index = 0; index < names.length; index++) {
      const value = values[index]
      if (value !== null && value !== undefined) row[names[index] as string] = readers[index]?.(value)
    }
    return row
  }
}

function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}

const oid = { date: 1082, timestamptz: 1184, bigint: 20, dateArray: 1182 }

function readerOf(dataTypeID: number): (text: string) => unknown {
  if (dataTypeID === oid.timestamptz) return instant
  if (dataTypeID === oid.date) return (text) => text
  if (dataTypeID === oid.bigint) return safeInteger
  return pg.types.getTypeParser(dataTypeID, 'text') as (text: string) => unknown
}

/** `2026-11-21 03:51:16.1+00` → `2026-11-21T03:51:16.100Z`; connections speak UTC, columns hold milliseconds. */
function instant(text: string): string {
  const fraction = text.length > 22 ? text.slice(20, -3) : ''
  return `${text.slice(0, 10)}T${text.slice(11, 19)}.${fraction.slice(0, 3).padEnd(3, '0')}Z`
}

function safeInteger(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a JavaScript number`)
  return value
}
