import { type Borrower, Database } from '../../platform/src/kernel/database/database.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { noTenant } from '../../platform/src/kernel/database/signed-context.ts'
import { migrate } from '../../platform/src/migrate.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import type { Benchmark, Comparison } from '../benchmark.ts'
import { type BenchDatabases, startDatabases } from '../databases.ts'
import { percentile } from '../statistics.ts'
import { noiseRound, type Round } from './load.ts'
import { fillTenants, type Tenants } from './tenants.ts'

const rounds = 3
const heavyCallers = 32
const aloneForMs = 5_000
const noisyForMs = 7_000
const unprotectedForMs = 4_000

/**
 * A quiet tenant's point reads while another tenant scans a million rows with 32 callers, through one pool of ten. Both
 * go through sessions in this process, below HTTP: one process serves both, as in production, the load itself costs next
 * to nothing, and the pool without shares, which no installation has, can be put in the place of ours.
 */
export const noise: Benchmark = {
  name: 'noise',
  summary: "a quiet tenant's reads beside 32 scanning callers of another, against itself alone and no protection",

  async run(started, say) {
    const databases = await startDatabases(started, say)
    await migrate(databases.settings, [...platformModules, ...product.modules])
    say('Filling the table: a million rows')
    const tenants = await fillTenants(databases.cellUrl)
    const pools = openPools(started, databases)
    await noiseRound(pools.ours, tenants, { heavyCallers, forMs: 1_000 })
    const measured: Measured = { alone: [], ours: [], unprotected: [] }
    for (let round = 1; round <= rounds; round++) {
      await measureRound(pools, tenants, measured)
      say(`round ${round} of ${rounds}: ${described(measured)}`)
    }
    return { comparisons: comparisonsOf(measured), raw: rawOf(measured) }
  },
}

interface Pools {
  readonly ours: Database
  readonly unprotected: Database
}

/** Everybody in one share, served in the order in which they came, with every connection: an ordinary pool. */
class UnsharedDatabase extends Database {
  override connect({ deadlineMs }: Borrower) {
    return super.connect({ tenantId: noTenant, deadlineMs })
  }
}

function openPools(started: AsyncDisposableStack, { settings }: BenchDatabases): Pools {
  const databases = new Databases(settings)
  started.defer(() => databases.end())
  const { connectionsMax } = settings
  const { url, key } = databases.cells[0].servingLogin()
  const unprotected = new UnsharedDatabase({ name: 'cell without shares', url, key, connectionsMax })
  started.defer(() => unprotected.end())
  return { ours: databases.cells[0].serving, unprotected }
}

interface Measured {
  readonly alone: Round[]
  readonly ours: Round[]
  readonly unprotected: Round[]
}

async function measureRound({ ours, unprotected }: Pools, tenants: Tenants, measured: Measured): Promise<void> {
  measured.alone.push(await noiseRound(ours, tenants, { heavyCallers: 0, forMs: aloneForMs }))
  measured.ours.push(await noiseRound(ours, tenants, { heavyCallers, forMs: noisyForMs }))
  measured.unprotected.push(await noiseRound(unprotected, tenants, { heavyCallers, forMs: unprotectedForMs }))
}

const microseconds = (each: readonly Round[], percent: number) =>
  each.map(({ quietMs }) => percentile(quietMs, percent) * 1_000)
const scans = (each: readonly Round[]) => each.map(({ scansPerMinute }) => scansPerMinute)

function comparisonsOf({ alone, ours, unprotected }: Measured): Comparison[] {
  return [
    {
      name: 'quiet_p50_ratio',
      unit: 'µs, p50: beside the noise, and alone',
      ours: microseconds(ours, 50),
      bare: microseconds(alone, 50),
      target: { atMost: 2 },
    },
    {
      name: 'quiet_p99_ratio',
      unit: 'µs, p99: the same',
      ours: microseconds(ours, 99),
      bare: microseconds(alone, 99),
      target: { atMost: 3 },
    },
    {
      name: 'heavy_ratio',
      unit: 'scans a minute: with and without protection',
      ours: scans(ours),
      bare: scans(unprotected),
      target: { atLeast: 0.8 },
    },
    {
      // The disaster that the protection is for: without it, a benchmark that shows none would prove nothing.
      name: 'unprotected_p50_ratio',
      unit: 'µs, p50: without protection, and alone',
      ours: microseconds(unprotected, 50),
      bare: microseconds(alone, 50),
      target: { atLeast: 100 },
    },
  ]
}

function rawOf(measured: Measured): Record<string, unknown> {
  const summary = (each: readonly Round[]) =>
    each.map(({ quietMs, ...counts }) => ({
      reads: quietMs.length,
      p50Us: percentile(quietMs, 50) * 1_000,
      p99Us: percentile(quietMs, 99) * 1_000,
      maxUs: Math.max(...quietMs) * 1_000,
      ...counts,
    }))
  return Object.fromEntries(Object.entries(measured).map(([name, each]) => [name, summary(each as Round[])]))
}

function described(measured: Measured): string {
  const last = (each: readonly Round[], percent: number) =>
    `${Math.round(microseconds(each, percent).at(-1) ?? Number.NaN)} µs`
  const { alone, ours, unprotected } = measured
  return `p50 and p99 alone ${last(alone, 50)} and ${last(alone, 99)}, beside the noise ${last(ours, 50)} and ${last(ours, 99)}, unprotected ${last(unprotected, 50)}`
}
