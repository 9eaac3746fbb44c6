import { constantsIn, declarationsIn, propertyOf } from './declarations.ts'
import { importsOf } from './imports.ts'
import { isTest, placeOf, type Repository } from './repository.ts'
import { rule } from './rule.ts'

const manifest = (name: string, needs = '') => ({
  [`product/modules/${name}/module.ts`]: `export const ${name} = module({ name: '${name}', needs: [${needs}] })`,
})

rule('a module is a folder with a manifest of its name', {
  check(repository) {
    const declared = declarationsIn(repository).filter(({ kind }) => kind === 'module')
    return modulesIn(repository)
      .filter(
        ([folder, name]) => !declared.some(({ file, ...each }) => file === `${folder}/module.ts` && each.name === name),
      )
      .map(([folder, name]) => `${folder}/module.ts does not declare ${name}`)
  },
  breaks: [
    { 'product/modules/projects/store.ts': '' },
    { 'product/modules/tasks/module.ts': "export const tasks = module({ name: 'projects' })" },
  ],
  keeps: [manifest('projects')],
})

rule('a module has pages, migrations and operations for folders, nothing else', {
  check: (repository) => repository.paths(/\/modules\/[^/]+\/(?!pages\/|migrations\/|operations\/)[^/]+\//),
  breaks: [{ 'product/modules/projects/domain/project.ts': '' }],
  keeps: [{ 'product/modules/projects/pages/project.tsx': '' }],
})

rule('a module names in its manifest the modules whose doors it uses, and no other', {
  check: (repository) =>
    declarationsIn(repository)
      .filter(({ kind }) => kind === 'module')
      .flatMap(({ call, file, name }) => {
        const needs = constantsIn(propertyOf(call, 'needs')).map((need) => need.slice(1, -1))
        const used = doorsUsedIn(repository, file.slice(0, file.lastIndexOf('/')))
        return [
          ...used.filter((each) => !needs.includes(each)).map((each) => `${placeOf(call)} ${name} uses ${each}`),
          ...needs
            .filter((each) => !used.includes(each))
            .map((each) => `${placeOf(call)} ${name} does not use ${each}`),
        ]
      }),
  breaks: [
    {
      ...manifest('projects'),
      'product/modules/projects/operations.ts': "import { isMember } from 'tenantry/modules/tenants'",
      'platform/src/modules/tenants/public.ts': '',
      'platform/src/modules/tenants/module.ts': "const tenants = module({ name: 'tenants' })",
    },
    manifest('projects', "'tenants'"),
  ],
})

const migration = /^(.*\/migrations\/)(\d{4})_([a-z0-9_]+)\.(up|down)\.sql$/

rule('every migration goes up and down, on the same targets, in numbers without a gap', {
  check: (repository) =>
    repository.paths(/\/migrations\/[^/]+\.sql$/).flatMap((path) => {
      const [, folder = '', number = '', name = '', direction] = migration.exec(path) ?? []
      if (direction === undefined) return [`${path} is not named 0001_what_it_does.up.sql or .down.sql`]
      const other = `${folder}${number}_${name}.${direction === 'up' ? 'down' : 'up'}.sql`
      if (!repository.has(other)) return [`${path} has no ${other}`]
      if (firstLine(repository, path) !== firstLine(repository, other))
        return [`${path} and ${other} have other targets`]
      const before = String(Number(number) - 1).padStart(4, '0')
      const follows = number === '0001' || repository.paths().some((each) => each.startsWith(`${folder}${before}_`))
      return follows ? [] : [`${path} comes after nothing`]
    }),
  breaks: [
    { 'a/migrations/0001_notes.up.sql': '-- target: tenant' },
    { 'a/migrations/0001_notes.up.sql': '-- target: tenant', 'a/migrations/0001_notes.down.sql': '-- target: control' },
    { 'a/migrations/0002_notes.up.sql': '', 'a/migrations/0002_notes.down.sql': '' },
    { 'a/migrations/notes.sql': '' },
  ],
  keeps: [
    { 'a/migrations/0001_notes.up.sql': '-- target: tenant', 'a/migrations/0001_notes.down.sql': '-- target: tenant' },
  ],
})

function modulesIn(repository: Repository): [folder: string, name: string][] {
  const found = repository.paths().map((path) => /^((?:platform\/src|product)\/modules\/([^/]+))\//.exec(path))
  return [...new Map(found.flatMap((match) => (match ? [[match[1] as string, match[2] as string]] : [])))]
}

function doorsUsedIn(repository: Repository, folder: string): string[] {
  const sources = repository.sources().filter(({ fileName }) => fileName.startsWith(`${folder}/`) && !isTest(fileName))
  const doors = importsOf(repository, sources).map(
    ({ specifier }) => /^(?:#|tenantry\/)modules\/([^/]+)$/.exec(specifier)?.[1],
  )
  return [...new Set(doors.filter((door) => door !== undefined))]
}

function firstLine(repository: Repository, path: string): string | undefined {
  return repository.text(path).split('\n')[0]
}
