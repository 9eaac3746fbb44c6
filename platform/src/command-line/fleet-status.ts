import type { Databases } from '#kernel/database/databases'
import { type Drift, driftIn } from '#kernel/database/fleet-drift'
import { type Release, surveyFleet, type TargetReport } from '#kernel/database/fleet-survey'
import { labelOf } from '#kernel/database/migration-files'
import { type MigrationTarget, migrationState } from '#kernel/database/migrator'
import { type FleetTarget, fleetHold, lagging } from '#modules/fleet'
import { migrationTargets } from '../migrate.ts'
import { columns } from './output.ts'

interface FleetStatus {
  readonly targets: number
  /** How many targets have how many migrations, the lowest first. */
  readonly levels: readonly { kind: string; level: number | null; wanted: number; targets: number }[]
  readonly behind: readonly { target: string; level: number; wanted: number; runningSince?: string }[]
  readonly failed: readonly { target: string; error: string; attempts: number; since: string | null }[]
  /** What `migrate up` would apply to those that everybody stands on. */
  readonly waiting: readonly { target: string; migration: string }[]
  /** Absent when nobody asked. */
  readonly drifted?: readonly Drift[]
  readonly paused?: { readonly reason: string; readonly since: string }
}

/** Where every target stands by its own ledger; errors and times as the last run left them in the mirror. */
export async function fleetStatus(
  databases: Databases,
  release: Release,
  { drift }: { drift: boolean },
): Promise<FleetStatus> {
  const mirror = new Map((await lagging(databases.control)).map((row) => [row.name, row]))
  const levels = new Map<string, FleetStatus['levels'][number]>()
  const behind: FleetStatus['behind'][number][] = []
  const failed: FleetStatus['failed'][number][] = []
  const waiting: FleetStatus['waiting'][number][] = []
  let targets = 0
  for await (const report of surveyFleet(migrationTargets(databases), release)) {
    targets++
    count(levels, report)
    const row = mirror.get(report.target.name)
    const error = report.error ?? (report.state === 'behind' && row?.state === 'failed' ? row.error : undefined)
    if (error) failed.push(failureOf(report.target, error, row))
    else if (report.state === 'behind') behind.push(lagOf(report, row))
    if (report.state === 'behind' && report.target.tenantId === undefined)
      waiting.push(...(await waitingFor(report.target, release)))
  }
  const paused = await fleetHold(databases.control)
  const drifted: Drift[] = []
  if (drift) for await (const each of driftIn(currentTargets(databases, release))) drifted.push(each)
  return {
    targets,
    levels: [...levels.values()].toSorted((left, right) => (left.level ?? -1) - (right.level ?? -1)),
    behind,
    failed,
    waiting,
    ...(drift ? { drifted } : {}),
    ...(paused ? { paused } : {}),
  }
}

function count(levels: Map<string, FleetStatus['levels'][number]>, { target, level, wanted }: TargetReport): void {
  const key = `${target.kind} ${level}`
  const before = levels.get(key)?.targets ?? 0
  levels.set(key, { kind: target.kind, level: level ?? null, wanted, targets: before + 1 })
}

function failureOf({ name }: MigrationTarget, error: string, row: FleetTarget | undefined) {
  return { target: name, error, attempts: row?.attempts ?? 0, since: row?.changedAt ?? null }
}

function lagOf({ target, level = 0, wanted }: TargetReport, row: FleetTarget | undefined) {
  return { target: target.name, level, wanted, ...(row?.state === 'running' ? { runningSince: row.changedAt } : {}) }
}

async function waitingFor(target: MigrationTarget, { migrations }: Release) {
  const { states } = await migrationState(target, migrations)
  return states
    .filter(({ appliedAt }) => appliedAt === undefined)
    .map(({ migration }) => ({ target: target.name, migration: labelOf(migration) }))
}

/** Those that are behind differ from the others anyway. */
async function* currentTargets(databases: Databases, release: Release): AsyncGenerator<MigrationTarget> {
  for await (const { target, state } of surveyFleet(migrationTargets(databases), release)) {
    if (state === 'current') yield target
  }
}

/** The same for people. */
export function statusText({ targets, levels, behind, failed, waiting, drifted, paused }: FleetStatus): string {
  const level = (row: FleetStatus['levels'][number]) => (row.level === null ? 'unknown' : String(row.level))
  return [
    columns([
      ['LEVEL', 'OF', 'KIND', 'TARGETS'],
      ...levels.map((row) => [level(row), String(row.wanted), row.kind, String(row.targets)]),
    ]),
    ...aheadText(levels),
    ...(paused ? [`Paused since ${paused.since}: ${paused.reason}`] : []),
    ...waiting.map(({ target, migration }) => `… ${target}: ${migration}`),
    ...behind.map(
      (row) =>
        `… ${row.target}: behind, ${row.level} of ${row.wanted}${row.runningSince ? `, running since ${row.runningSince}` : ''}`,
    ),
    ...failed.map(({ target, error, attempts, since }) => `✗ ${target}: ${error}${triesText(attempts, since)}`),
    ...(drifted ?? []).map(({ target, differences }) => `≠ ${target}\n    ${differences.join('\n    ')}`),
    behind.length + failed.length + (drifted?.length ?? 0) === 0
      ? `All ${targets} targets are at this release.`
      : `${behind.length} behind, ${failed.length} failed${drifted ? `, ${drifted.length} drifted` : ''}, of ${targets} targets.`,
  ].join('\n')
}

function aheadText(levels: FleetStatus['levels']): string[] {
  const ahead = levels
    .filter(({ level, wanted }) => (level ?? 0) > wanted)
    .reduce((sum, { targets }) => sum + targets, 0)
  return ahead > 0 ? [`A newer release was at ${ahead} of them: this one works with what it has left there.`] : []
}

function triesText(attempts: number, since: string | null): string {
  if (since === null) return ''
  return ` (${attempts} ${attempts === 1 ? 'try' : 'tries'}, since ${since})`
}
