import { CsvFault, csvLines, isFormula } from '#kernel/csv'
import type { SystemRole } from '#kernel/module'
import { email, line, type z } from '#kernel/schema'
import { RoleName } from '#modules/access'
import type { LineProblem } from './model.ts'

/** At once, so that one request ends within its time. */
export const invitedAtOnceMax = 500

const columns = ['email', 'role', 'name'] as const
type Column = (typeof columns)[number]

/** Somebody whom a line of a file names, with what keeps them from being invited. */
export interface InvitationLine {
  readonly line: number
  readonly email: string
  readonly role: string
  readonly name: string | null
  readonly problem: LineProblem | null
}

/** One that can be invited, as far as the file alone can say. */
export type ReadableLine = InvitationLine & { readonly role: SystemRole; readonly problem: null }

export function isReadable(each: InvitationLine): each is ReadableLine {
  return each.problem === null
}

/**
 * Whom a CSV file names. Its first line says which columns there are: `email` and `role`, and `name` if one likes. Throws
 * CsvFault when the file as a whole cannot be used.
 */
export function invitationLines(csv: string): InvitationLine[] {
  const [head, ...rows] = csvLines(csv)
  const order = head?.cells.map((cell) => cell.trim().toLowerCase()) ?? []
  if (!isOrder(order))
    throw new CsvFault(1, 'The first line must name the columns: email, role and, if you like, name.')
  if (rows.length === 0) throw new CsvFault(2, 'No line follows the names of the columns.')
  if (rows.length > invitedAtOnceMax)
    throw new CsvFault(invitedAtOnceMax + 2, `There are ${rows.length} lines: at most ${invitedAtOnceMax} at once.`)
  const seen = new Set<string>()
  return rows.map(({ line: number, cells }) => {
    const cell = (column: Column) => cells[order.indexOf(column)]?.trim() ?? ''
    const read = { line: number, email: cell('email').toLowerCase(), role: cell('role').toLowerCase() }
    const problem = cells.length === order.length ? problemOf({ ...read, name: cell('name') }, seen) : 'columns'
    seen.add(read.email)
    // Longer ones cannot be shown in full, nor does anybody need them to find the line.
    return { line: number, email: cut(read.email), role: cut(read.role), name: cut(cell('name')) || null, problem }
  })
}

function isOrder(order: readonly string[]): order is Column[] {
  const known = order.every((name) => (columns as readonly string[]).includes(name))
  return known && new Set(order).size === order.length && order.includes('email') && order.includes('role')
}

function problemOf(
  { email: address, role, name }: { email: string; role: string; name: string },
  seen: ReadonlySet<string>,
): LineProblem | null {
  if (!fits(email(), address)) return 'email'
  if (!fits(RoleName, role)) return 'role'
  if (name !== '' && !fits(line({ max: 100 }), name)) return 'name'
  // It will stand in exports and in spreadsheets.
  if (isFormula(name) || isFormula(address)) return 'formula'
  return seen.has(address) ? 'twice' : null
}

function fits(schema: z.ZodType, text: string): boolean {
  return schema.safeParse(text).success
}

function cut(text: string): string {
  return Array.from(text).slice(0, 254).join('')
}
