/** Comma-separated values as RFC 4180 has them. */

/**
 * One line of a file, with its line break. What a spreadsheet would take for a formula gets an apostrophe before it: names and
 * titles are written by people (OWASP, "CSV Injection").
 */
export function csvLine(cells: readonly (string | null)[]): string {
  return `${cells.map((cell) => quoted(isFormula(cell ?? '') ? `'${cell}` : (cell ?? ''))).join(',')}\r\n`
}

/** Whether a spreadsheet would compute this instead of showing it. */
export function isFormula(text: string): boolean {
  return /^[=+\-@\t\r]/.test(text)
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
