import ts from 'typescript'
import { type Import, importsOf } from './imports.ts'
import { isTest, nodesIn, placeOf } from './repository.ts'
import { rule } from './rule.ts'

rule('no file needs itself to load: value imports make no circle', {
  check(repository) {
    const imports = importsOf(repository, repository.sources()).filter(({ moment }) => moment === 'value')
    return circlesIn(Map.groupBy(imports, ({ from }) => from))
  },
  breaks: [
    {
      'platform/src/kernel/a.ts': "import { b } from './b.ts'",
      'platform/src/kernel/b.ts': "import { c } from '#kernel/c'",
      'platform/src/kernel/c.ts': "export { a } from './a.ts'",
    },
  ],
  keeps: [
    { 'a.ts': "import { b } from './b.ts'", 'b.ts': "import type { A } from './a.ts'" },
    { 'a.ts': "import { b } from './b.ts'", 'b.ts': "import { type A } from './a.ts'" },
    { 'a.ts': "import { b } from './b.ts'", 'b.ts': "const a = () => import('./a.ts')" },
  ],
})

/** Of a module's files, those for the browser. */
const pageFile = '(pages/|[\\w-]*pages\\.tsx|words\\.)'

/** Who may import what of ours, by the first row that fits the importing file. Tests and the composition may all. */
const law: readonly { readonly from: RegExp; readonly may: (from: string) => RegExp; readonly why: string }[] = [
  {
    from: /^platform\/src\/kernel\//,
    may: () => /^platform\/src\/kernel\//,
    why: 'the kernel knows nothing of what is built on it',
  },
  {
    from: /^platform\/src\/ui\//,
    may: () => /^platform\/src\/ui\//,
    why: 'the component kit knows no page and no operation',
  },
  {
    from: /^platform\/src\/client\//,
    may: () => /^platform\/src\/client\//,
    why: 'the client is what customers get: it stands alone',
  },
  {
    from: new RegExp(`^platform/src/modules/\\w+/${pageFile}`),
    may: (from) => new RegExp(`^platform/src/(ui|web|client)/|^${moduleOf(from)}/${pageFile}|/demo-people\\.ts$`),
    why: 'pages are made of the kit, the shell and the client; they never import an operation',
  },
  {
    from: new RegExp(`^product/modules/\\w+/${pageFile}`),
    may: (from) => new RegExp(`^(platform/src/(ui|web|client)|product/client)/|^${moduleOf(from)}/${pageFile}`),
    why: 'pages are made of the kit, the shell and the client; they never import an operation',
  },
  {
    from: /^(platform\/src|product)\/modules\//,
    may: (from) => new RegExp(`^platform/src/kernel/|/public\\.ts$|^${moduleOf(from)}/(?!${pageFile})`),
    why: 'a module is made of the kernel, itself, and the doors of other modules',
  },
  {
    from: /^platform\/src\/adapters\//,
    may: (from) => new RegExp(`^platform/src/kernel/|/public\\.ts$|^${from.split('/').slice(0, 4).join('/')}/`),
    why: 'an adapter fulfils a port, and knows nothing else',
  },
]

rule('imports follow the law: kernel below modules, modules through doors, pages through the client', {
  check: (repository) =>
    importsOf(
      repository,
      repository.sources().filter(({ fileName }) => !isTest(fileName)),
    ).flatMap(({ from, file, place }) => {
      const row = law.find((each) => each.from.test(from))
      if (!row || file === undefined || row.may(from).test(file)) return []
      return [`${place} imports ${file}: ${row.why}`]
    }),
  breaks: [
    {
      'platform/src/kernel/pipeline.ts': "import { isMember } from '#modules/tenants'",
      'platform/src/modules/tenants/public.ts': '',
    },
    {
      'platform/src/ui/table.tsx': "import type { Page } from '#kernel/operation'",
      'platform/src/kernel/operation.ts': '',
    },
    {
      'platform/src/modules/audit/store.ts': "import { insertMember } from '../tenants/store.ts'",
      'platform/src/modules/tenants/store.ts': '',
    },
    {
      'platform/src/modules/audit/pages/audit.tsx': "import { Entry } from '../model.ts'",
      'platform/src/modules/audit/model.ts': '',
    },
    {
      'product/modules/projects/pages/projects.tsx': "import { createProject } from '../operations.ts'",
      'product/modules/projects/operations.ts': '',
    },
    {
      'platform/src/adapters/mail/smtp-mailer.ts': "import { Installation } from '../../installation.ts'",
      'platform/src/installation.ts': '',
    },
  ],
})

rule('the product uses the platform by its package, through the doors that it exports', {
  check: (repository) =>
    importsOf(repository, repository.sources(/^product\//))
      .filter(({ specifier, file }) => file?.startsWith('platform/') === true && !specifier.startsWith('tenantry/'))
      .map(({ place, specifier }) => `${place} imports ${specifier}`),
  breaks: [
    {
      'product/app.ts': "import { module } from '../platform/src/kernel/module.ts'",
      'platform/src/kernel/module.ts': '',
    },
  ],
})

rule('what the browser loads has no server in it', {
  check: (repository) => {
    const entries = repository.paths(/^platform\/src\/web\/main\.tsx$|\/modules\/\w+\/pages\.tsx$/)
    const imports = importsOf(repository, repository.sources(/^(platform|product)\//)).filter(
      ({ moment }) => moment !== 'type',
    )
    const reached = reachedFrom(
      entries,
      Map.groupBy(imports, ({ from }) => from),
    )
    const server = /^(node:|fastify$|pg$)|^#kernel\/|^tenantry\/(kernel|modules\/)/
    return imports
      .filter(({ from, specifier }) => reached.has(from) && server.test(specifier))
      .map(({ place, specifier }) => `${place} imports ${specifier}`)
  },
  breaks: [
    {
      'platform/src/web/main.tsx': "const shell = () => import('./shell.tsx')",
      'platform/src/web/shell.tsx': "import { readFile } from 'node:fs/promises'",
    },
  ],
  keeps: [
    { 'platform/src/web/main.tsx': '', 'platform/src/web/build.ts': "import { readFile } from 'node:fs/promises'" },
  ],
})

rule('only a door exports what another file declares, and nothing exports everything', {
  check: (repository) =>
    repository
      .sources()
      .flatMap((source) => [...nodesIn(source)])
      .filter(ts.isExportDeclaration)
      .filter((node) => node.moduleSpecifier && !(isDoor(node.getSourceFile().fileName) && node.exportClause))
      .map((node) => `${placeOf(node)} ${node.getText()}`),
  breaks: [
    { 'platform/src/modules/audit/public.ts': "export * from './store.ts'" },
    { 'platform/src/modules/audit/store.ts': "export { Entry } from './model.ts'" },
  ],
  keeps: [{ 'platform/src/modules/audit/public.ts': "export { findEntry } from './store.ts'" }],
})

rule('what runs in tests only stays out of what is shipped', {
  check: (repository) =>
    importsOf(
      repository,
      repository.sources(/^(platform|product)\//).filter(({ fileName }) => !isTest(fileName)),
    )
      .filter(({ file, specifier }) => (file && isTest(file)) || /^node:(test|assert)/.test(specifier))
      .map(({ place, specifier }) => `${place} imports ${specifier}`),
  breaks: [
    { 'platform/src/gates.ts': "import { test } from 'node:test'" },
    { 'platform/src/gates.ts': "import { people } from './people.fixture.ts'", 'platform/src/people.fixture.ts': '' },
  ],
  keeps: [{ 'platform/src/gates.test.ts': "import { test } from 'node:test'" }],
})

/** Modules' doors, the kernel's, and the client's: what it gives on is what customers import. */
function isDoor(path: string): boolean {
  return path.endsWith('/public.ts') || path === 'product/client/client.ts'
}

function moduleOf(path: string): string {
  return path.slice(0, path.indexOf('/', path.indexOf('/modules/') + '/modules/'.length))
}

type ImportsByFile = ReadonlyMap<string, readonly Import[]>

/** Each circle, once, as the files on the way round. */
function circlesIn(imports: ImportsByFile): string[] {
  const circles: string[] = []
  const done = new Set<string>()
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) circles.push([...way.slice(way.indexOf(file)), file].join(' → '))
    if (done.has(file)) return
    done.add(file)
    for (const { file: next } of imports.get(file) ?? []) if (next !== undefined) visit(next, [...way, file])
  }
  for (const file of imports.keys()) visit(file, [])
  return circles
}

function reachedFrom(entries: readonly string[], imports: ImportsByFile): ReadonlySet<string> {
  const reached = new Set<string>()
  const waiting = [...entries]
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (reached.has(file)) continue
    reached.add(file)
    waiting.push(...(imports.get(file) ?? []).flatMap(({ file: next }) => next ?? []))
  }
  return reached
}
