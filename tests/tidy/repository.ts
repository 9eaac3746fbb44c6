import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const repositoryFolder = join(import.meta.dirname, '../..')
const binary = /\.(woff2|png|jpg|ico)$/
const code = /\.(tsx?|mjs|js)$/

/** A tree of files with their texts (none for pictures and fonts): the one we are in, or a small one that a rule's proof plants. */
export class Repository {
  readonly #texts: ReadonlyMap<string, string>
  readonly #parsed = new Map<string, ts.SourceFile>()

  constructor(texts: Readonly<Record<string, string>>) {
    this.#texts = new Map(Object.entries(texts))
  }

  /** Everything that belongs in the repository. Walks instead of asking Git, which refuses folders of other users. */
  static read(): Repository {
    const ignored = readFileSync(join(repositoryFolder, '.gitignore'), 'utf8').split('\n')
    const folders = new Set(['.git', ...ignored.filter((line) => line.endsWith('/')).map((line) => line.slice(0, -1))])
    const endings = ignored.filter((line) => line.startsWith('*')).map((line) => line.slice(1))
    const texts: Record<string, string> = {}
    const walk = (folder: string): void => {
      for (const entry of readdirSync(join(repositoryFolder, folder), { withFileTypes: true })) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`
        if (entry.isDirectory() && !folders.has(entry.name)) walk(path)
        if (!entry.isFile() || endings.some((ending) => path.endsWith(ending))) continue
        texts[path] = binary.test(path) ? '' : readFileSync(join(repositoryFolder, path), 'utf8')
      }
    }
    walk('')
    return new Repository(texts)
  }

  paths(matching: RegExp = /(?:)/): string[] {
    return [...this.#texts.keys()].filter((path) => matching.test(path)).toSorted()
  }

  has(path: string): boolean {
    return this.#texts.has(path)
  }

  text(path: string): string {
    const text = this.#texts.get(path)
    if (text === undefined) throw new Error(`there is no ${path}`)
    return text
  }

  /** Code that people write, parsed; what is generated says so in its first line. */
  sources(matching: RegExp = /(?:)/): ts.SourceFile[] {
    return this.paths(matching)
      .filter((path) => code.test(path) && !this.text(path).startsWith('// Generated'))
      .map((path) => this.#parse(path))
  }

  #parse(path: string): ts.SourceFile {
    const known = this.#parsed.get(path)
    if (known) return known
    const parsed = ts.createSourceFile(path, this.text(path), ts.ScriptTarget.Latest, true)
    this.#parsed.set(path, parsed)
    return parsed
  }
}

/** Where a finding is, as editors open it. */
export function placeOf(node: ts.Node): string {
  const source = node.getSourceFile()
  return `${source.fileName}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
}

/** Every node below one, in order. */
export function* nodesIn(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = []
  ts.forEachChild(node, (child) => {
    children.push(child)
  })
  for (const child of children) {
    yield child
    yield* nodesIn(child)
  }
}

/** Code that runs in tests only is told by its name. */
export function isTest(path: string): boolean {
  return /^(tests|bench)\/|\.(test|fixture|type-test)\.(tsx?|mjs)$/.test(path)
}
