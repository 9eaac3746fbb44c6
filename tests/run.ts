import { spawn } from 'node:child_process'
import { chmod, glob, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { type EventData, run } from 'node:test'
import { styleText } from 'node:util'
import { startEmbeddedPostgres } from '../platform/src/adapters/embedded-postgres/embedded-postgres.ts'
import { makeTemplates } from './database.ts'

/**
 * `npm test [part of a path …]`: static checks, then every test file, on one PostgreSQL; last line `N passed, N failed`.
 * `npm run test:extended`: the files in tests/extended instead, which need programs or rights that not every machine has.
 */

const repositoryFolder = join(import.meta.dirname, '..')
const fileTimeoutMs = 240_000
const slowestShown = 5

/** This measures how quickly something is answered, and wants the machine for itself. */
const measuring = /^tests\/faults\/overload/
/** More than half of their time they wait, for time-outs or for what comes every second: they fill a lane of their own. */
const waiting =
  /^tests\/(faults|migrations|outbox|analytics|rate|isolation\/(cells|connections|stale-placement)|operations\/revocation)|identity\/throttle|fair-share|embedded-postgres\//
/** The longest come first, so that the lanes end together. */
const longest = [
  'tests/bad-input/fields.test.ts',
  'tests/start/command-line.test.ts',
  'tests/start/start.test.ts',
  'tests/browser/pages.test.ts',
  'tests/package/dev.test.ts',
  'tests/browser/behaviour.test.ts',
  'tests/package/package.test.ts',
  'tests/docs/tutorial.test.ts',
]

interface Outcome {
  readonly name: string
  readonly file: string
  readonly ms: number
  readonly error?: Error
}

const extended = process.argv[2] === '--extended'
const filters = process.argv.slice(extended ? 3 : 2)
const passed: Outcome[] = []
const failed: Outcome[] = []
/** What was not tested here, and why. */
const skipped: { readonly name: string; readonly reason: string }[] = []

if (filters.length === 0 && !extended) await runChecks()
await runFiles(await testFiles())
report()

async function testFiles(): Promise<string[]> {
  const files: string[] = []
  for await (const file of glob(['{platform/src,product,tests,bench}/**/*.test.ts', 'tools/*.test.mjs'], {
    cwd: repositoryFolder,
  }))
    files.push(file)
  return files
    .filter((file) => !/(^|\/)(fixtures|node_modules|dist)\//.test(file))
    .filter((file) => file.startsWith('tests/extended/') === extended)
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
    .toSorted((one, other) => rank(one) - rank(other) || one.localeCompare(other))
}

function rank(file: string): number {
  const place = longest.indexOf(file)
  return place === -1 ? longest.length : place
}

/** Types, lint, format and unused code count as one test each. */
async function runChecks(): Promise<void> {
  const beganAtMs = performance.now()
  const { code, output } = await ended(process.execPath, ['tools/run.mjs', 'check'])
  const outcome = {
    name: 'types, lint, format and unused code are in order',
    file: 'npm run check',
    ms: performance.now() - beganAtMs,
  }
  if (code === 0) passed.push(outcome)
  else failed.push({ ...outcome, error: new Error(output) })
  line(outcome.file, code === 0 ? 1 : 0, code === 0 ? 0 : 1, outcome.ms)
}

async function runFiles(files: readonly string[]): Promise<void> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'tenantry-test-run-'))
  // As root, PostgreSQL runs under another account, which must be able to enter.
  await chmod(dataFolder, 0o755)
  const postgres = await startEmbeddedPostgres({ dataFolder, durability: 'none' })
  try {
    await makeTemplates(postgres.superuserUrl)
    process.env['TENANTRY_TEST_SUPERUSER_URL'] = postgres.superuserUrl
    // Node keeps there what it makes of each source, which takes half of a second for each process otherwise.
    process.env['NODE_COMPILE_CACHE'] = join(dataFolder, 'compiled')
    // What a test leaves that was killed goes with the run.
    process.env['TMPDIR'] = await mkdtemp(join(dataFolder, 'temporary-'))
    await chmod(process.env['TMPDIR'], 0o755)
    const alone = extended ? files : files.filter((file) => measuring.test(file))
    const beside = files.filter((file) => !alone.includes(file))
    const [inWaiting, atWork] = [
      beside.filter((file) => waiting.test(file)),
      beside.filter((file) => !waiting.test(file)),
    ]
    await Promise.all([runTogether(atWork, 2), runTogether(inWaiting, 1)])
    await runTogether(alone, 1)
  } finally {
    await postgres.stop()
    await rm(dataFolder, { recursive: true, force: true })
  }
}

async function runTogether(files: readonly string[], concurrency: number): Promise<void> {
  if (files.length === 0) return
  const stream = run({
    files: files.map((file) => join(repositoryFolder, file)),
    concurrency,
    isolation: 'process',
    timeout: fileTimeoutMs,
    execArgv: ['--conditions=source'],
  })
  for await (const { type, data } of stream) {
    if (type === 'test:summary' && data.file !== undefined) {
      const { counts, duration_ms: ms } = data
      line(relative(repositoryFolder, data.file), counts.passed, counts.failed + counts.cancelled, ms)
    }
    if (type !== 'test:pass' && type !== 'test:fail') continue
    if (data.skip !== undefined) skipped.push({ name: data.name, reason: String(data.skip) })
    if (data.skip !== undefined || (data.details.type === 'suite' && !(type === 'test:fail' && failedInHook(data))))
      continue
    const outcome = {
      name: data.name,
      file: relative(repositoryFolder, data.file ?? data.name),
      ms: data.details.duration_ms,
    }
    if (type === 'test:pass') passed.push(outcome)
    else failed.push({ ...outcome, error: data.details.error })
  }
}

/** What a suite's set-up failed of, its tests do not say. */
function failedInHook({ details }: EventData.TestFail): boolean {
  return 'failureType' in details.error && details.error.failureType === 'hookFailed'
}

function line(file: string, good: number, bad: number, ms: number): void {
  const mark = bad === 0 ? styleText('green', '✓') : styleText('red', '✗')
  console.log(
    `${mark} ${file}  ${good} passed${bad > 0 ? `, ${bad} failed` : ''}  ${styleText('dim', `${Math.round(ms)} ms`)}`,
  )
}

function report(): void {
  for (const { name, file, error } of failed) {
    const cause = error?.cause instanceof Error ? error.cause : error
    console.log(
      `\n${styleText('red', '✗')} ${file}\n  ${name}\n${indented(cause?.stack ?? cause?.message ?? 'no reason given')}`,
    )
  }
  for (const { name, reason } of skipped) console.log(styleText('yellow', `\n- not tested here: ${name}\n  ${reason}`))
  const slowest = [...passed].toSorted((left, right) => right.ms - left.ms).slice(0, slowestShown)
  console.log(`\nSlowest: ${slowest.map(({ name, ms }) => `${name} (${Math.round(ms)} ms)`).join(' · ')}`)
  console.log(
    `${passed.length} passed, ${failed.length} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ''}`,
  )
  process.exitCode = failed.length > 0 || passed.length === 0 ? 1 : 0
}

function indented(text: string): string {
  return text
    .split('\n')
    .slice(0, 60)
    .map((each) => `    ${each}`)
    .join('\n')
}

function ended(command: string, options: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, options, { cwd: repositoryFolder })
    const chunks: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString() }))
  })
}
