import { csvLine } from '#kernel/csv'
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
  return `${isFirst ? csvLine(columns) : ''}${rows.map((row) => csvLine(columns.map((name) => cellOf(row[name])))).join('')}`
}

/** An entry as programs get it: in exports and in streams. */
export function entryOf(row: AuditRow): Record<string, unknown> {
  return Object.fromEntries(columns.map((name) => [name, row[name]]))
}

function cellOf(value: AuditRow[keyof AuditRow]): string | null {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}
