import assert from 'node:assert/strict'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { migrate } from '../../platform/src/migrate.ts'
import type { Benchmark, Say } from '../benchmark.ts'
import { killAndResume } from './failure.ts'
import { type FleetInstallation, modules, startInstallation, writeExtra } from './installation.ts'
import { durationMs, type Provisioned, provision } from './provisioning.ts'
import { runFleet } from './runs.ts'

/** Fewer while developing: BENCH_FLEET_TENANTS=100 */
const tenants = Number(process.env['BENCH_FLEET_TENANTS'] ?? 1_000)
const rounds = 3
/** The pool and the template of silos are targets, too. */
const sharedTargets = 2

/** A thousand tenants with a schema each: founding them, and bringing them all to the next release. */
export const fleet: Benchmark = {
  name: 'fleet',
  summary: 'founding 1,000 schemas and migrating them all, against pg running the same files',

  async run(started, say) {
    say('Starting PostgreSQL')
    const installation = await startInstallation(started)
    const made = await provision(installation, tenants, say)
    const noopMs = await measureNoop(installation, say)
    const runs = await measureRuns(installation, made, say)
    const failure = await killAndResume(started, installation, made.schemas, rounds * 2 + 1, say)
    return {
      comparisons: [
        { name: 'provision_ratio', unit: 'ms', ours: made.ours, bare: made.bare, target: { atMost: 1.3 } },
        { name: 'noop_s', unit: 'ms, of 1 s', ours: noopMs, bare: noopMs.map(() => 1_000), target: { atMost: 3 } },
        {
          name: 'speedup',
          unit: 'schemas a second, by 8 and by 1',
          ours: runs.manyPerSecond,
          bare: runs.onePerSecond,
          target: { atLeast: 1.2 },
        },
        { name: 'per_schema_ratio', unit: 'µs', ours: runs.oneUs, bare: runs.bareUs, target: { atMost: 1.5 } },
      ],
      raw: { tenants, provision: { ours: made.ours, bare: made.bare }, noopMs, ...runs, failure },
    }
  },
}

async function measureNoop({ settings }: FleetInstallation, say: Say): Promise<number[]> {
  // The first run brings the manifests of the tenants up to date, where their founding did not.
  await migrate(settings, modules)
  const noopMs: number[] = []
  for (let round = 1; round <= rounds; round++) {
    noopMs.push(
      await durationMs(async () => {
        const { applied, behind } = await migrate(settings, modules)
        assert.deepEqual([applied, behind], [0, 0])
      }),
    )
  }
  say(`Nothing to do: ${noopMs.map((ms) => ms.toFixed()).join(', ')} ms`)
  return noopMs
}

interface Runs {
  readonly manyPerSecond: number[]
  readonly onePerSecond: number[]
  readonly oneUs: number[]
  readonly bareUs: number[]
  /** Resident memory of this process after a tenth of a run and at its end. */
  readonly memoryMiB: { tenth: number; end: number }[]
}

async function measureRuns(installation: FleetInstallation, made: Provisioned, say: Say): Promise<Runs> {
  const runs: Runs = { manyPerSecond: [], onePerSecond: [], oneUs: [], bareUs: [], memoryMiB: [] }
  for (let round = 1; round <= rounds; round++) {
    await runBare(installation, made.bareSchemas, fileOf(round * 2 - 1))
    await writeExtra(installation, round * 2 - 1, fileOf(round * 2 - 1))
    const { ms: manyMs, memory } = await timedRun(installation, 8)
    await writeExtra(installation, round * 2, fileOf(round * 2))
    // Half before and half after what they are compared with: other work on the machine comes and goes.
    const half = made.bareSchemas.length / 2
    const before = () => runBare(installation, made.bareSchemas.slice(0, half), fileOf(round * 2))
    const after = () => runBare(installation, made.bareSchemas.slice(half), fileOf(round * 2))
    const beforeMs = await durationMs(before)
    const { ms: oneMs } = await timedRun(installation, 1)
    const bareMs = beforeMs + (await durationMs(after))
    runs.manyPerSecond.push((tenants / manyMs) * 1_000)
    runs.onePerSecond.push((tenants / oneMs) * 1_000)
    runs.oneUs.push((oneMs / tenants) * 1_000)
    runs.bareUs.push((bareMs / made.bareSchemas.length) * 1_000)
    runs.memoryMiB.push(memory)
    say(`Round ${round} of ${rounds}: ${manyMs.toFixed()} ms by 8 workers, ${oneMs.toFixed()} ms by 1`)
  }
  return runs
}

/** A column with a constraint, and an index: what a release usually brings. */
function fileOf(number: number): string {
  return `${number === 1 ? 'create table extra_marks (note text);\n' : ''}alter table tasks add column label_${number} text check (length(label_${number}) <= 100);
create index tasks_by_label_${number} on tasks (tenant_id, label_${number}, id) where deleted_at is null;`
}

async function timedRun({ settings, extraFolder }: FleetInstallation, workers: number) {
  const mebibyte = 2 ** 20
  const memory = { tenth: 0, end: 0 }
  const ms = await durationMs(async () => {
    const { failed, migrated } = await runFleet(settings, extraFolder, {
      workers,
      changed({ migrated: soFar }) {
        memory.end = Math.round(process.memoryUsage.rss() / mebibyte)
        if (soFar <= tenants / 10) memory.tenth = memory.end
      },
    })
    assert.deepEqual([failed, migrated], [0, tenants + sharedTargets])
  })
  return { ms, memory }
}

/** Plain `pg`: one connection, a transaction for each schema, and the same text. */
async function runBare({ cellUrl }: FleetInstallation, schemas: readonly string[], text: string): Promise<void> {
  await withClient(cellUrl, async (client) => {
    for (const schema of schemas) {
      await client.query('begin')
      await client.query('set local role tenantry_owner')
      await client.query(`set local search_path = ${schema}, extensions`)
      await client.query(text)
      await client.query('commit')
    }
  })
}
