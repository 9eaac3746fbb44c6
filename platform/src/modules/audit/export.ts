import type { AuditRow } from './store.ts'

/** Columns of an export, in both formats. */
const columns = [
  'id',
  'at',
  'event',
  'operation',
  'via',
  'actorKind',
  'actorId',
  'actorName',
  'onBehalfOf',
  'resourceKind',
  'resourceId',
  'address',
  'requestId',
  'before',
  'after',
] as const satisfies readonly (keyof AuditRow)[]

export type ExportFormat = 'csv' | 'jsonl'

/** Entries as lines of a file, each ended by its line break; the first part of a CSV file begins with the names of columns. */
export function linesOf(rows: readonly AuditRow[], format: ExportFormat, isFirst: boolean): string {
  if (format === 'jsonl') return rows.map((row) => `${JSON.stringify(entryOf(row))}\n`).join('')
  const lines = rows.map((row) => columns.map((name) => cellOf(row[name])))
  return [...(isFirst ? [columns] : []), ...lines].map((cells) => `${cells.join(',')}\r\n`).join('')
}

/** An entry as programs get it: in exports and in streams. */
export function entryOf(row: AuditRow): Record<string, unknown> {
  return Object.fromEntries(columns.map((name) => [name, row[name]]))
}

/**
 * A cell of a CSV file (RFC 4180). What a spreadsheet would take for a formula gets an apostrophe before it: names and titles
 * are written by people (OWASP, "CSV Injection").
 */
function cellOf(value: string | Record<string, unknown> | null): string {
  const text = typeof value === 'string' ? value : value === null ? '' : JSON.stringify(value)
  const harmless = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
