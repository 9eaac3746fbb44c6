import { spawnSync } from 'node:child_process'
import { join, relative } from 'node:path'
import { generatedFiles } from '../../platform/src/command-line/generate.ts'
import { findProduct } from '../../platform/src/command-line/product-file.ts'
import type { Repository } from './repository.ts'
import { rule } from './rule.ts'

const repositoryFolder = join(import.meta.dirname, '../..')
const generated = Object.fromEntries(
  (await generatedFiles(findProduct(repositoryFolder))).map(({ file, text }) => [
    relative(repositoryFolder, file),
    text,
  ]),
)
const errorPage = 'docs/reference/errors/resource.not_found.md'

rule('what is generated from the declarations is current: npx tenantry generate', {
  check: (repository) =>
    Object.entries(generated)
      .filter(([file, text]) => !repository.has(file) || repository.text(file) !== text)
      .map(([file]) => `${file} is not what the declarations say`),
  breaks: [{}, { ...generated, [errorPage]: '# Edited by hand' }],
  keeps: [generated],
})

rule('every page of an error is of an error that is declared', {
  check: (repository) => repository.paths(/^docs\/reference\/errors\//).filter((path) => !(path in generated)),
  breaks: [{ 'docs/reference/errors/request.forgotten.md': '# Nobody answers this any more' }],
  keeps: [{ [errorPage]: generated[errorPage] ?? '' }],
})

rule('every command that is named exists, with the options that are named', {
  check: (repository) => {
    const scripts = scriptsOf(repository)
    return linesOf(repository).flatMap(({ place, line }) => [
      ...[...line.matchAll(/\bnpm (?:run ([a-z][\w-]*(?::[\w-]+)?)|(start|test)\b)/g)]
        .map(([, run, short]) => run ?? short ?? '')
        .filter((script) => !scripts.includes(script))
        .map((script) => `${place} there is no script ${script}`),
      ...[...line.matchAll(/\bnpm run bench -- ([a-z]\w*)/g)]
        .filter(([, name]) => !repository.has(`bench/${name}/${name}.ts`))
        .map(([, name]) => `${place} there is no benchmark ${name}`),
      ...[...line.matchAll(/\bnpx tenantry((?: [a-z][a-z-]*)*)(.*?)(?=`|npx |$)/g)].flatMap(
        ([, words = '', rest = '']) =>
          wrongIn(words.trim().split(' '), rest.match(/(?<= )--[a-z][\w-]*/g) ?? []).map(
            (wrong) => `${place} ${wrong}`,
          ),
      ),
    ])
  },
  breaks: [
    { 'README.md': 'npm run deploy', 'package.json': '{ "scripts": { "start": "" } }' },
    { 'README.md': '`npm run bench -- fastest`', 'package.json': '{ "scripts": { "bench": "" } }' },
    { 'README.md': 'npx tenantry launch' },
    { 'README.md': 'npx tenantry tenants destroy acme' },
    { 'a.ts': "console.log('Run npx tenantry migrate up --force')" },
  ],
  keeps: [
    { 'README.md': 'npm start', 'package.json': '{ "scripts": { "start": "" } }' },
    { 'README.md': 'npx tenantry tenants create "Initech" --owner owner@acme.test\nnpx tenantry --help' },
  ],
})

rule('every file that the docs point to is there', {
  check: (repository) =>
    repository.paths(/\.md$/).flatMap((page) => {
      const links = [...repository.text(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !/^\w+:/.test(target))
        .map((target) => new URL(target, `file:///${page}`).pathname.slice(1))
      const named = [...repository.text(page).matchAll(/`((?:platform|product|tests|bench|tools|docs)\/[\w./-]+\w)`/g)]
      const wanted = [...links, ...named.map(([, path = '']) => path)]
      return wanted.filter((path) => !isThere(repository, path)).map((path) => `${page} points to ${path}`)
    }),
  breaks: [{ 'README.md': 'See [the plan](docs/plans.md).' }, { 'GLOSSARY.md': '`platform/src/kernel/operations.ts`' }],
  keeps: [{ 'docs/a.md': '[b](b.md), [web](https://example.com), `docs/b.md`, `docs`', 'docs/b.md': '' }],
})

rule('STYLE.md names every test that holds it', {
  check: (repository) =>
    repository
      .paths(/^tests\/tidy\/.*\.test\.ts$/)
      .filter((path) => !repository.text('STYLE.md').includes(`\`${path}\``)),
  breaks: [{ 'STYLE.md': '# Style', 'tests/tidy/size.test.ts': '' }],
  keeps: [{ 'STYLE.md': '`tests/tidy/size.test.ts`', 'tests/tidy/size.test.ts': '' }],
})

function isThere(repository: Repository, path: string): boolean {
  const folder = path.endsWith('/') ? path : `${path}/`
  return repository.has(path) || repository.paths().some((each) => each.startsWith(folder))
}

function scriptsOf(repository: Repository): string[] {
  if (!repository.has('package.json')) return []
  const { scripts = {} } = JSON.parse(repository.text('package.json')) as { scripts?: Record<string, string> }
  return Object.keys(scripts)
}

/** Lines that people read or programs print; the fixtures of these rules name what is not there on purpose. */
function linesOf(repository: Repository): { place: string; line: string }[] {
  return repository
    .paths(/\.(md|tsx?|mjs|js)$/)
    .filter((path) => !path.startsWith('tests/tidy/'))
    .flatMap((path) =>
      repository
        .text(path)
        .split('\n')
        .map((line, at) => ({ place: `${path}:${at + 1}`, line })),
    )
}

/** What the command line itself says of these words and options. Words behind a command are what it takes, or prose. */
function wrongIn(words: readonly string[], options: readonly string[]): string[] {
  const help = helpOf(words.join(' '))
  const usage = /^Usage: (.+)$/m.exec(help)?.[1] ?? ''
  const known = usage.split(' ').slice(1)
  const unknown = usage.includes('[command]') ? words.filter((word) => word !== '' && !known.includes(word)) : []
  return [
    ...unknown.map((word) => `there is no command ${word}`),
    ...options.filter((option) => !help.includes(option)).map((option) => `${words.join(' ')} has no ${option}`),
  ]
}

const helps = new Map<string, string>()

function helpOf(words: string): string {
  const known = helps.get(words)
  if (known !== undefined) return known
  const main = join(repositoryFolder, 'platform/src/main.ts')
  const options = ['--conditions=source', main, ...words.split(' ').filter(Boolean), '--help']
  const { stdout } = spawnSync(process.execPath, options, { encoding: 'utf8' })
  helps.set(words, stdout)
  return stdout
}
