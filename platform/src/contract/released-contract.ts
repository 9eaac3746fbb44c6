import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Operation } from '#kernel/operation'
import { openApiDocument } from '#kernel/surfaces/openapi'
import { type Change, type ContractDocument, contractChanges } from './difference.ts'

/** The contract of the last release, as it is kept in the repository of a product, and what has become of it since. */

/** What has changed since the last release, and what of it must not leave the house like this. */
export interface Judgement {
  /** The name of the last release; absent before the first. */
  readonly since: string | undefined
  readonly changes: readonly Change[]
  /** Breaking changes that nobody has given a reason for. */
  readonly unexplained: readonly string[]
  /** Reasons for changes that are not there (any more). */
  readonly idle: readonly string[]
}

/** The sentence of a breaking change → why it is made nevertheless. */
type Reasons = Readonly<Record<string, string>>

export class ReleasedContract {
  readonly #files: Readonly<Record<'released' | 'reasons' | 'changelog', string>>

  /** `folder` is the project's, in which `docs/reference` has the files. */
  constructor(folder: string) {
    const reference = join(folder, 'docs/reference')
    this.#files = {
      released: join(reference, 'contract/released.json'),
      reasons: join(reference, 'contract/reasons.json'),
      changelog: join(reference, 'changelog.md'),
    }
  }

  /** Compares the last release with the operations of today (`YYYY-MM-DD`, UTC). */
  async judge(operations: readonly Operation[], today: string): Promise<Judgement> {
    const released = await this.#released()
    const reasons = await this.#reasons()
    const changes = released ? contractChanges(released, contractOf(operations, 'next'), today) : []
    const breaking = changes.filter(({ kind }) => kind === 'breaking').map(({ sentence }) => sentence)
    return {
      since: released?.info.version,
      changes,
      unexplained: breaking.filter((sentence) => !(sentence in reasons)),
      idle: Object.keys(reasons).filter((sentence) => !breaking.includes(sentence)),
    }
  }

  /**
   * Makes the contract of today the released one: writes it down, and what has changed into the changelog. Throws, and
   * writes nothing, when the name is no version or the one that was released last.
   */
  async release(
    operations: readonly Operation[],
    { name, today }: { name: string; today: string },
  ): Promise<Judgement> {
    if (!releaseName.test(name)) throw new Error(`A release is called as in 0.2.0 or 1.0.0-beta.1, not "${name}".`)
    const judgement = await this.judge(operations, today)
    if (judgement.since === name) throw new Error(`${name} was released already.`)
    if (judgement.unexplained.length > 0 || judgement.idle.length > 0) return judgement
    const before = await readFile(this.#files.changelog, 'utf8').catch(() => `${changelogHead}\n`)
    const entry = entryOf(judgement, await this.#reasons(), {
      title: `${name}, ${today}`,
      operations: operations.length,
    })
    const [head = '', ...entries] = before.split(/^(?=## )/m)
    await this.#write(this.#files.changelog, [head, entry, ...entries].join(''))
    await this.#write(this.#files.released, `${JSON.stringify(contractOf(operations, name), null, 1)}\n`)
    await this.#write(this.#files.reasons, '{}\n')
    return judgement
  }

  async #released(): Promise<ContractDocument | undefined> {
    const text = await readFile(this.#files.released, 'utf8').catch(() => undefined)
    return text === undefined ? undefined : (JSON.parse(text) as ContractDocument)
  }

  async #reasons(): Promise<Reasons> {
    return JSON.parse(await readFile(this.#files.reasons, 'utf8').catch(() => '{}')) as Reasons
  }

  async #write(file: string, text: string): Promise<void> {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
}

/** Semantic Versioning 2.0.0, without build metadata. */
const releaseName = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)*)?$/

/** All versions in one document: their paths tell them apart. */
function contractOf(operations: readonly Operation[], version: string): ContractDocument {
  return openApiDocument(operations, { title: 'Released', version }) as unknown as ContractDocument
}

const changelogHead = `# Changes of the API

Written by \`npx tenantry contract release\` from the contract of the release and that of the one before. The newest
release comes first. Rules: [versions](../versions.md).
`

const headings: readonly [kind: Change['kind'], heading: string][] = [
  ['breaking', 'Breaking'],
  ['removed', 'Removed after their sunset'],
  ['deprecated', 'Deprecated'],
  ['added', 'Added'],
  ['changed', 'Changed'],
]

function entryOf(
  { since, changes }: Judgement,
  reasons: Reasons,
  { title, operations }: { title: string; operations: number },
): string {
  if (since === undefined) return `## ${title}\n\nThe first contract: ${operations} operations.\n`
  const sections = headings.flatMap(([kind, heading]) => {
    const lines = changes
      .filter((change) => change.kind === kind)
      .map(({ sentence }) => `- ${sentence}${reasons[sentence] === undefined ? '' : `. ${reasons[sentence]}`}`)
    return lines.length === 0 ? [] : [`### ${heading}\n\n${lines.join('\n')}\n`]
  })
  return `## ${title}\n\n${sections.length === 0 ? 'Nothing that a caller could notice.\n' : sections.join('\n')}\n`
}
