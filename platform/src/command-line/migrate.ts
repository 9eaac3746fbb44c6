import { Databases } from '#kernel/database/databases'
import type { FleetOutcome } from '#kernel/database/fleet'
import { migrateFleetDown } from '#kernel/database/fleet-down'
import { requireOperation } from '#kernel/operation'
import { type BatchProgress, fleetHold, forgetBatches } from '#modules/fleet'
import { type BatchStatus, batchText, finishBatches, unfinishedBatches } from '../batched-migrations.ts'
import { batchedMigrations, migrate, migrationTargets, releaseOf } from '../migrate.ts'
import { platformModules } from '../platform-modules.ts'
import { system } from '../system-session.ts'
import { FleetProgress } from './fleet-progress.ts'
import { fleetStatus, statusText } from './fleet-status.ts'
import { print } from './output.ts'
import { loadProduct, type ProductPlace } from './product-file.ts'
import { withEnvironment, withInstallation } from './session.ts'

interface Step {
  target: string
  migration: string
  direction: 'up' | 'down'
  ms: number
}

/** `tenantry migrate up`: what everybody stands on, then every tenant. Exit status 1 when one was left behind. */
export async function up(options: { workers: string; failures: string; json?: boolean }): Promise<void> {
  const workers = wholeNumber('--workers', options.workers)
  const failuresMax = wholeNumber('--failures', options.failures)
  const line = new FleetProgress()
  const progress = (step: Step) => (options.json ? undefined : console.log(stepText(step)))
  const outcome = await withEnvironment(async ({ databases, place }) => {
    const changed = (count: Parameters<FleetProgress['show']>[0]) => line.show(count)
    return migrate(databases, await modulesOf(place), { workers, failuresMax, progress, changed })
  }).finally(() => line.end())
  print({ ...outcome, failedCells: [...outcome.failedCells.keys()] }, options, () => outcomeText(outcome))
  if (outcome.failed > 0 || outcome.stopped) process.exitCode = 1
}

/** `tenantry migrate finish`: exit status 1 when a tenant failed, or something has not begun. */
export async function finish(options: { json?: boolean }): Promise<void> {
  const line = new FleetProgress()
  const batches = await withDatabases(async (databases, place) => {
    const hold = await fleetHold(databases.control)
    if (hold) throw new Error(`Migrations are paused: ${hold.reason}\n  → npx tenantry migrate resume`)
    const batched = await batchedMigrations(await modulesOf(place))
    return finishBatches(databases, batched, (count) => line.show(count))
  }).finally(() => line.end())
  print(batches, options, finishText)
  if (batches.some(({ finishedAt }) => finishedAt === null)) process.exitCode = 1
}

/** `tenantry migrate down --steps n`: takes the newest migrations of every target back, tenants first. */
export async function down(options: { steps: string; yes?: boolean; json?: boolean }): Promise<void> {
  const stepsWanted = wholeNumber('--steps', options.steps)
  if (!options.yes) throw new Error('Taking migrations back can lose data. Repeat with --yes when you mean it.')
  const steps: Step[] = []
  await withDatabases(async (databases, place) => {
    const { migrations } = await releaseOf(await modulesOf(place))
    await migrateFleetDown(migrationTargets(databases), migrations, stepsWanted, (step) => steps.push(step))
    await forgetBatches(databases.control)
  })
  print(steps, options, (all) => all.map(stepText).join('\n'))
}

/** `tenantry migrate status` */
export async function status(options: { json?: boolean }): Promise<void> {
  print(await statusNow({ drift: false }), options, statusWithBatches)
}

/** `tenantry migrate check`: the same, with drift. Exit status 1 when a target is behind, failed or has drifted. */
export async function check(options: { json?: boolean }): Promise<void> {
  const found = await statusNow({ drift: true })
  print(found, options, statusWithBatches)
  const { behind, failed, drifted = [], batches } = found
  const failedBatches = batches.filter(({ tenantsFailed }) => tenantsFailed > 0)
  if (behind.length + failed.length + drifted.length + failedBatches.length > 0) process.exitCode = 1
}

function statusWithBatches({ batches, ...status }: Awaited<ReturnType<typeof statusNow>>): string {
  return [statusText(status), ...batches.map((each) => `… ${batchText(each)}`), ...batches.flatMap(failuresText)].join(
    '\n',
  )
}

function failuresText({ failures }: BatchProgress): string[] {
  return failures.map(({ tenantId, error }) => `✗ tenant ${tenantId}: ${error}`)
}

function finishText(batches: readonly BatchStatus[]): string {
  if (batches.length === 0) return 'Everything is finished.'
  return batches
    .flatMap((each) => [`${each.finishedAt === null ? '✗' : '✓'} ${batchText(each)}`, ...failuresText(each)])
    .join('\n')
}

/** `tenantry migrate pause`: by the same operation as in the staff console, as the system. */
export async function pause(options: { reason: string; json?: boolean }): Promise<void> {
  const hold = (await called('fleet.pause', options.reason)) as { reason: string; since: string }
  print(hold, options, () => 'No tenant is migrated until: npx tenantry migrate resume')
}

/** `tenantry migrate resume`: likewise. */
export async function resume(options: { reason: string; json?: boolean }): Promise<void> {
  await called('fleet.resume', options.reason)
  print({ hold: null }, options, () => 'Go on with: npx tenantry migrate up')
}

function called(operation: 'fleet.pause' | 'fleet.resume', reason: string): Promise<unknown> {
  return withInstallation((installation) =>
    installation.call(requireOperation(installation.operations, operation), system, { reason }),
  )
}

async function statusNow(wanted: { drift: boolean }) {
  return withDatabases(async (databases, place) => {
    const modules = await modulesOf(place)
    const status = await fleetStatus(databases, await releaseOf(modules), wanted)
    return { ...status, batches: await unfinishedBatches(databases, await batchedMigrations(modules)) }
  })
}

async function withDatabases<Result>(
  work: (databases: Databases, place: ProductPlace) => Promise<Result>,
): Promise<Result> {
  return withEnvironment(async ({ place, databases: settings }) => {
    const databases = new Databases(settings)
    try {
      return await work(databases, place)
    } finally {
      await databases.end()
    }
  })
}

async function modulesOf(place: ProductPlace) {
  return [...platformModules, ...(await loadProduct(place)).modules]
}

function wholeNumber(option: string, text: string): number {
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1) throw new Error(`${option} takes a whole number from 1, not "${text}".`)
  return number
}

function stepText({ target, migration, direction, ms }: Step): string {
  return `${direction === 'up' ? '↑' : '↓'} ${target}: ${migration}  ${Math.round(ms)} ms`
}

const whyStopped: Readonly<Record<NonNullable<FleetOutcome['stopped']>, string>> = {
  canary: 'Stopped: a canary failed, so that nobody else was touched. What failed is tried last next time.',
  budget: 'Stopped: too many have failed. More may with --failures.',
  held: 'Stopped: somebody has paused migrations. Go on with: npx tenantry migrate resume, then migrate up.',
}

function outcomeText({ seen, applied, ahead, migrated, failures, stopped }: FleetOutcome): string {
  return [
    ...(ahead
      ? ['A newer release was here: what it has migrated stays as it is, and this release works with it.']
      : []),
    ...failures.map(({ target, error }) => `✗ ${target}: ${error}`),
    ...(stopped ? [whyStopped[stopped]] : []),
    applied === 0 && failures.length === 0 && !stopped
      ? `Everything is up to date: ${seen} targets.`
      : `${applied} migrations applied to ${migrated} of ${seen} targets${failures.length > 0 ? `, ${failures.length} failed` : ''}.`,
  ].join('\n')
}
