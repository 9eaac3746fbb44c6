import { homedir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { nodesIn, placeOf, type Repository } from './repository.ts'
import { rule } from './rule.ts'

const unfinished = /\b(TODO|FIXME|HACK|XXX)\b/

rule('nothing is left for later', {
  check: (repository) => [
    ...commentsIn(repository)
      .filter(({ text }) => unfinished.test(text))
      .map(({ place, text }) => `${place} ${text}`),
    ...linesWith(repository, (line) => unfinished.test(line), /\.(md|css|sql|sh|html|json|ya?ml)$|^\.ci\//),
  ],
  breaks: [
    { 'a.ts': 'work() // TODO: later' },
    { 'a.tsx': 'const a = <p>{/* FIXME */}</p>' },
    { 'docs/how-to.md': 'HACK around this' },
  ],
  keeps: [{ 'a.ts': "const state = 'TODO'" }],
})

const suppression = /^\/[/*]\s*((oxlint|eslint)-disable|biome-ignore|@ts-(expect-error|ignore|nocheck))/
const reasoned = /(-disable(-next-line)? [\w/-]+ -- |biome-ignore [\w/]+: |@ts-expect-error )[\w'`(]/

rule('a check that is silenced names the rule and says why', {
  check: (repository) =>
    commentsIn(repository)
      .filter(({ text }) => suppression.test(text) && !(reasoned.test(text) && !/@ts-(ignore|nocheck)/.test(text)))
      .map(({ place, text }) => `${place} ${text}`),
  breaks: [
    { 'a.ts': '// oxlint-disable-next-line\nwork()' },
    { 'a.ts': '/* eslint-disable no-console */\nwork()' },
    { 'a.ts': '// @ts-expect-error\nwork()' },
    { 'a.ts': '// @ts-ignore because it hurts\nwork()' },
    { 'a.tsx': 'const a = <p>{/* biome-ignore lint: */}</p>' },
  ],
  keeps: [{ 'a.ts': '// oxlint-disable-next-line typescript/no-misused-promises -- the pool awaits it\nwork()' }],
})

rule('any is written in kernel/operation.ts only, where types are forgotten on purpose', {
  check: (repository) =>
    repository
      .sources()
      .filter(({ fileName }) => fileName !== 'platform/src/kernel/operation.ts')
      .flatMap((source) => [...nodesIn(source)])
      .filter(({ kind }) => kind === ts.SyntaxKind.AnyKeyword)
      .map(placeOf),
  breaks: [{ 'a.ts': 'const rows: any[] = []' }, { 'a.ts': 'const row = rows as any' }],
  keeps: [{ 'a.ts': '// any row will do\nconst any = rows.find(() => true)' }],
})

const registryHost = /registry\.\w+\.(org|com)/
const homeFolder = /\/(home|Users)\/\w|[A-Z]:\\Users\\/
const hereFolders = [join(import.meta.dirname, '../..'), homedir()].filter((folder) => folder.split('/').length > 2)

rule('no file knows a machine it was written on, or the host that packages come from', {
  check: (repository) =>
    linesWith(
      repository,
      (line) =>
        registryHost.test(line) || homeFolder.test(line) || hereFolders.some((folder) => line.includes(`${folder}/`)),
    ),
  breaks: [
    { 'docs/how-to.md': `cd ${join('/', 'home', 'ada', 'atlas')}` },
    { 'tools/run.mjs': `const folder = '${join(import.meta.dirname, '../../platform')}'` },
    { '.npmrc': `host=https://${['registry', 'example', 'org'].join('.')}` },
  ],
  keeps: [{ 'docs/how-to.md': 'cd atlas && npm start' }],
})

function linesWith(repository: Repository, isWrong: (line: string) => boolean, paths?: RegExp): string[] {
  return repository.paths(paths).flatMap((path) =>
    repository
      .text(path)
      .split('\n')
      .flatMap((line, at) => (isWrong(line) ? [`${path}:${at + 1} ${line.trim().slice(0, 120)}`] : [])),
  )
}

interface Comment {
  readonly place: string
  readonly text: string
}

function commentsIn(repository: Repository): Comment[] {
  return repository.sources().flatMap((source) => {
    const found = new Map<number, Comment>()
    for (const token of tokensIn(source, source)) {
      const ranges = [
        ...(ts.getLeadingCommentRanges(source.text, token.getFullStart()) ?? []),
        ...(ts.getTrailingCommentRanges(source.text, token.getEnd()) ?? []),
      ]
      for (const { pos, end } of ranges) {
        const line = source.getLineAndCharacterOfPosition(pos).line + 1
        found.set(pos, { place: `${source.fileName}:${line}`, text: source.text.slice(pos, end) })
      }
    }
    return [...found.values()]
  })
}

/** Comments hang on tokens; what looks like one in the text of a page is none. */
function* tokensIn(node: ts.Node, source: ts.SourceFile): Generator<ts.Node> {
  const children = node.getChildren(source)
  if (children.length === 0 && node.kind !== ts.SyntaxKind.JsxText) yield node
  for (const child of children) yield* tokensIn(child, source)
}
