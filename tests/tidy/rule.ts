import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Repository } from './repository.ts'

type Tree = Readonly<Record<string, string>>

export interface Rule {
  /** Every breach, as `file:line what is wrong`. */
  readonly check: (repository: Repository) => readonly string[] | Promise<readonly string[]>
  /** Trees with one breach each: a check that cannot fail proves nothing. */
  readonly breaks: readonly [Tree, ...Tree[]]
  /** Trees that come close and are fine. */
  readonly keeps?: readonly Tree[]
}

let repository: Repository | undefined

/** One rule of STYLE.md as a test: its check finds every planted breach, nothing in what is fine, and nothing here. */
export function rule(name: string, { check, breaks, keeps = [] }: Rule): void {
  test(name, async () => {
    for (const tree of breaks) {
      assert.notDeepEqual(await check(new Repository(tree)), [], `a planted breach was not found: ${shown(tree)}`)
    }
    for (const tree of keeps) assert.deepEqual(await check(new Repository(tree)), [], shown(tree))
    repository ??= Repository.read()
    assert.deepEqual(await check(repository), [])
  })
}

function shown(tree: Tree): string {
  return Object.entries(tree)
    .map(([path, text]) => `${path}\n${text.slice(0, 300)}`)
    .join('\n')
}
