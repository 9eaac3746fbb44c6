import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export const repositoryFolder = join(import.meta.dirname, '../..')

export function page(path: string): string {
  return readFileSync(join(repositoryFolder, path), 'utf8')
}

/** What stands between two fences. */
export interface Block {
  readonly language: string
  /** The file that the block is, or changes: named after the language. */
  readonly file: string | undefined
  readonly text: string
}

export function blocksIn(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)].map(([, language = '', file, text = '']) => ({
    language,
    file,
    text,
  }))
}

/** The cells of every row of every table, without headings. */
export function rowsIn(markdown: string): string[][] {
  const tables = markdown.matchAll(/^\|.+\|\n\|[-|: ]+\|\n((?:\|.+\|\n?)*)/gm)
  return [...tables].flatMap(([, rows = '']) =>
    rows
      .trimEnd()
      .split('\n')
      .map((row) =>
        row
          .slice(1, -1)
          .split('|')
          .map((cell) => cell.trim()),
      ),
  )
}

/** A file after a change that is shown as `+` and `-` lines among lines that stay. Throws when those are not in the file once. */
export function changed(text: string, difference: string): string {
  const lines = difference.trimEnd().split('\n')
  const before = lines.filter((line) => !line.startsWith('+')).map((line) => line.slice(1))
  const after = lines.filter((line) => !line.startsWith('-')).map((line) => line.slice(1))
  const parts = `\n${text}`.split(`\n${before.join('\n')}\n`)
  if (parts.length !== 2) throw new Error(`${parts.length - 1} places fit:\n${before.join('\n')}`)
  return parts.join(`\n${after.join('\n')}\n`).slice(1)
}
