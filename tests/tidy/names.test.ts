import ts from 'typescript'
import { type Declared, declaredNames, wordsOf } from './names.ts'
import { placeOf } from './repository.ts'
import { rule } from './rule.ts'

const drawers = new Set([
  'utils',
  'util',
  'helpers',
  'helper',
  'common',
  'shared',
  'lib',
  'libs',
  'types',
  'services',
  'misc',
])

rule('a folder is named for a thing of the domain, never for a technical drawer', {
  check: (repository) =>
    repository.paths().filter((path) => path.split('/').some((part) => drawers.has(part.replace(/\.\w+$/, '')))),
  breaks: [{ 'platform/src/utils/text.ts': '' }, { 'product/modules/projects/helpers.ts': '' }],
  keeps: [{ 'platform/src/kernel/outbox/relay.ts': '' }],
})

rule('there is no index.ts: a barrel makes every start load everything', {
  check: (repository) => repository.paths(/(^|\/)index\.(tsx?|mjs|js)$/),
  breaks: [{ 'platform/src/modules/audit/index.ts': '' }],
})

const timeSpans = new Set('timeout interval delay ttl duration deadline lifetime latency elapsed pause age'.split(' '))

rule('a time span ends in its unit: timeoutMs', {
  check: (repository) =>
    declaredNames(repository)
      .filter(({ name, node }) => timeSpans.has(wordsOf(name).at(-1) ?? '') && isNumber(node))
      .map(({ name, node }) => `${placeOf(node)} ${name} has no unit`),
  breaks: [
    { 'a.ts': 'const timeout = 5_000' },
    { 'a.ts': 'const rememberedTtl = 60 * minute' },
    { 'a.ts': 'interface Settings { readonly idleTimeout: number }' },
    { 'a.ts': 'function wait(pause: number) {}' },
    { 'a.ts': 'function wait(pause = 20) {}' },
  ],
  keeps: [
    { 'a.ts': 'const timeoutMs = 5_000' },
    { 'a.ts': 'const interval: NodeJS.Timeout = setInterval(sweep, sweepEveryMs)' },
    { 'a.ts': 'createServer({ requestTimeout: requestTimeoutMs })' },
  ],
})

rule('a limit ends in Max or Min, after what it limits: attemptsMax', {
  check: (repository) =>
    declaredNames(repository)
      .filter(({ name }) => /^(max|min)[A-Z]/.test(name))
      .map(({ name, node }) => `${placeOf(node)} ${name}`),
  breaks: [{ 'a.ts': 'const maxAttempts = 12' }, { 'a.ts': 'interface Limits { minLength: number }' }],
  keeps: [{ 'a.ts': 'const attemptsMax = 12' }, { 'a.ts': 'const { minLength } = jsonSchema' }],
})

const abbreviations = new Set(
  (
    'addr arg arr attr btn calc cb cfg cmd cnt col cols conf conn ctrl cur del desc dest dir doc dst elem err evt ' +
    'exec fn func idx impl init iter len mgr msg nav num obj op opt opts org param pkg perm perms pos prev proc prop ' +
    'ptr pw pwd qty rec repo req res resp ret sec sep seq sess src srv stmt str svc tbl temp tmp tok tx txn usr val ' +
    'vals var vars ver'
  ).split(' '),
)

rule('names are written in full: request, not req', {
  check: (repository) =>
    declaredNames(repository)
      .filter(({ name }) => wordsOf(name).some((word) => abbreviations.has(word)))
      .map(({ name, node }) => `${placeOf(node)} ${name}`),
  breaks: [
    { 'a.ts': 'const idx = 0' },
    { 'a.ts': 'function send(req: Request) {}' },
    { 'a.ts': 'const { length: strLen } = text' },
    { 'a.ts': 'class UserSvc {}' },
  ],
  keeps: [{ 'a.ts': 'const ctx = { db, id, url, ms: 1 }' }, { 'a.ts': 'const response = await fetch(url)' }],
})

function isNumber({ type, initializer }: Declared['node']): boolean {
  if (type) return type.kind === ts.SyntaxKind.NumberKeyword
  return initializer !== undefined && (ts.isNumericLiteral(initializer) || ts.isBinaryExpression(initializer))
}
