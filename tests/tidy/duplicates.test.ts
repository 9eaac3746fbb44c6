import type ts from 'typescript'
import type { Repository } from './repository.ts'
import { rule } from './rule.ts'

/** Shorter runs are often alike without being the same thing: declarations of two operations, two table columns. */
const sameLinesMax = 11

interface Line {
  readonly place: string
  readonly text: string
}

rule(`no more than ${sameLinesMax} lines of code in a row stand anywhere else`, {
  check(repository) {
    const placeByRun = new Map<string, string>()
    const found: string[] = []
    for (const lines of linesPerFile(repository)) {
      let foundUntil = 0
      for (let at = 0; at + sameLinesMax < lines.length; at += 1) {
        const run = lines.slice(at, at + sameLinesMax + 1)
        const key = run.map(({ text }) => text).join('\n')
        const elsewhere = placeByRun.get(key)
        const here = run[0]?.place ?? ''
        if (elsewhere === undefined) placeByRun.set(key, here)
        else if (at >= foundUntil) {
          found.push(`${here} is the same as ${elsewhere}`)
          foundUntil = at + run.length
        }
      }
    }
    return found
  },
  breaks: [
    { 'a.ts': block(12), 'b.ts': `work()\n${block(12)}` },
    { 'a.ts': block(12), 'b.ts': block(12).replaceAll('\n', '\n\n  // why\n  ') },
    { 'a.ts': `${block(12)}\nwork()\n${block(12)}` },
  ],
  keeps: [{ 'a.ts': block(11), 'b.ts': block(11) }],
})

/** What says something: no blank lines, no comments, no lines of brackets only. */
function linesPerFile(repository: Repository): Line[][] {
  return repository.sources().map((source: ts.SourceFile) =>
    source.text
      .split('\n')
      .map((line, at) => ({ place: `${source.fileName}:${at + 1}`, text: line.trim() }))
      .filter(({ text }) => /\w/.test(text) && !/^(\/[/*]|\*)/.test(text)),
  )
}

function block(lines: number): string {
  return Array.from({ length: lines }, (_, at) => `step${at}()`).join('\n')
}
