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

/** A line of a file that was read, by the number of the line that it begins in, from 1. */
export interface CsvLine {
  readonly line: number
  readonly cells: readonly string[]
}

/** What makes a file unreadable. */
export class CsvFault extends Error {
  readonly line: number

  constructor(line: number, detail: string) {
    super(detail)
    this.line = line
  }
}

/**
 * The lines of a file, empty ones left out. Lines may end by LF alone, and a byte order mark may be there, as spreadsheets
 * write them; where the first line has semicolons and no comma, they separate the cells. Throws CsvFault for a quote that
 * stands where none can, or is not closed.
 */
export function csvLines(text: string): CsvLine[] {
  const reader = new CsvReader(text.replace(/^\uFEFF/, ''))
  return reader.lines().filter(({ cells }) => cells.some((cell) => cell.trim() !== ''))
}

class CsvReader {
  readonly #text: string
  readonly #separator: string
  #at = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
    const [first = ''] = text.split(/\r?\n/, 1)
    this.#separator = first.includes(';') && !first.includes(',') ? ';' : ','
  }

  lines(): CsvLine[] {
    const lines: CsvLine[] = []
    while (this.#at < this.#text.length) lines.push({ line: this.#line, cells: this.#cells() })
    return lines
  }

  #cells(): string[] {
    const cells: string[] = []
    for (;;) {
      cells.push(this.#text[this.#at] === '"' ? this.#quoted() : this.#plain())
      if (this.#text[this.#at] !== this.#separator) break
      this.#at += 1
    }
    this.#endLine()
    return cells
  }

  #plain(): string {
    const start = this.#at
    while (this.#at < this.#text.length && !this.#isEnd() && this.#text[this.#at] !== this.#separator) {
      if (this.#text[this.#at] === '"')
        throw new CsvFault(this.#line, 'A quote stands inside a cell that is not quoted.')
      this.#at += 1
    }
    return this.#text.slice(start, this.#at)
  }

  #quoted(): string {
    const began = this.#line
    let cell = ''
    for (this.#at += 1; ; this.#at += 1) {
      const character = this.#text[this.#at]
      if (character === undefined) throw new CsvFault(began, 'A quote is not closed.')
      if (character === '\n') this.#line += 1
      if (character === '"') {
        if (this.#text[this.#at + 1] !== '"') break
        this.#at += 1
      }
      cell += character
    }
    this.#at += 1
    if (this.#at < this.#text.length && !this.#isEnd() && this.#text[this.#at] !== this.#separator)
      throw new CsvFault(began, 'Something stands behind the quote that closes a cell.')
    return cell
  }

  #isEnd(): boolean {
    return this.#text[this.#at] === '\n' || this.#text.startsWith('\r\n', this.#at)
  }

  #endLine(): void {
    if (this.#at >= this.#text.length) return
    this.#at += this.#text[this.#at] === '\n' ? 1 : 2
    this.#line += 1
  }
}
