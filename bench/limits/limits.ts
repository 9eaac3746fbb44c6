import assert from 'node:assert/strict'
import autocannon from 'autocannon'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { RateLimiter } from '../../platform/src/kernel/rate/rate-limiter.ts'
import { PostgresRateStore } from '../../platform/src/modules/usage/postgres-rate-store.ts'
import { RedisServer, withoutRedis } from '../../tests/extended/redis.ts'
import type { Benchmark, Comparison, Say } from '../benchmark.ts'
import { assertCpuTimeIsReadable } from '../cpu-time.ts'
import { type Exchange, loadRound, type Subject } from '../http/load.ts'
import { type Servers, startServers } from '../http/servers.ts'
import { type LimitedSubject, startLimited } from './servers.ts'

/** Many and short: how fast a shared machine is changes from second to second, and each round is a pair. */
const rounds = 25
const warmUps = 5
const requestsPerRound = 6_000
const processes = 3
/** More than the load comes to, and not much more: what is held ahead of need is a part of it. */
const plenty = 2_400_000
const scarce = 8_000
const chargesPerRound = 20_000
const endSeenAfterMs = 50

/** The same reads with limits and without: by one process, and by two that count together. */
export const limits: Benchmark = {
  name: 'limits',
  summary: 'requests per CPU-second with rate limits, against the same without',

  async run(started, say) {
    assertCpuTimeIsReadable()
    const servers = await startServers(started, say)
    const headers = { authorization: `Bearer ${servers.key}` }
    const read: Exchange = { method: 'GET', path: await anyProject(servers, headers), headers, status: 200 }
    const admitted = await admittedByTwo(servers, read, say)
    const subjects = await startLimited(started, servers, processes)
    const local = await compare('local', read, { subjects, load: eachAlone }, say)
    const shared = await compare('shared', read, { subjects: subjects.slice(0, 2), load: together }, say)
    const comparisons: Comparison[] = [
      { ...local, target: { atLeast: 0.95 } },
      { ...shared, target: { atLeast: 0.8 } },
    ]
    if (withoutRedis === false) {
      const redis = await RedisServer.start()
      started.defer(() => redis.stop())
      const byRedis = { subjects: await startLimited(started, servers, 2, { redisUrl: redis.url }), load: together }
      const sharedRedis = await compare('shared_redis', read, byRedis, say)
      comparisons.push({ ...sharedRedis, target: { atLeast: 0.8 } })
    } else say(`not measured: ${withoutRedis}`)
    const chargeUs = await measureCharge(started, servers)
    const unit = 'µs a request, against 1'
    comparisons.push({ name: 'charge_us', unit, ours: chargeUs, bare: chargeUs.map(() => 1), target: { atMost: 50 } })
    return { comparisons, raw: { admitted: { of: scarce / 2, byTwoProcesses: admitted }, comparisons } }
  },
}

async function anyProject({ ours }: Servers, headers: Record<string, string>): Promise<string> {
  const response = await fetch(`${ours.url}/api/v1/projects?limit=1`, { headers })
  const { items } = (await response.json()) as { items: { id: string }[] }
  return `/api/v1/projects/${items[0]?.id ?? assert.fail('there are no projects')}`
}

/** How many of twice as many requests as the limit allows two processes let through. Throws when that is wrong by over 1 %. */
async function admittedByTwo(servers: Servers, { path, headers, method }: Exchange, say: Say): Promise<number> {
  // Another process holds permits ahead of need by another limit.
  await withClient(servers.databases.controlUrl, (client) => client.query('delete from control.rate_windows'))
  await using stack = new AsyncDisposableStack()
  const subjects = await startLimited(stack, servers, 2)
  for (const subject of subjects) await subject.limitReads(scarce)
  const load = ({ url }: Subject) =>
    autocannon({ url: url + path, method, headers, connections: 16, amount: scarce / 2, sampleInt: endSeenAfterMs })
  const results = await Promise.all(subjects.map(load))
  const admitted = results.reduce((sum, { statusCodeStats }) => sum + (statusCodeStats[200]?.count ?? 0), 0)
  // One key may have half of the limit.
  const allowed = scarce / 2
  say(`two processes let ${admitted} of ${scarce} requests through, ${allowed} are allowed`)
  assert.ok(Math.abs(admitted - allowed) <= allowed / 100, `${admitted} requests were let through`)
  return admitted
}

interface Loaded {
  readonly subjects: readonly LimitedSubject[]
  readonly load: Load
}

/** CPU seconds of all processes for so many reads, each process under its part of them. */
type Load = (subjects: readonly Subject[], read: Exchange) => Promise<number>

/** Rounds of the same processes with limits and without, in turns, after some to warm up. */
async function compare(
  name: string,
  read: Exchange,
  { subjects, load }: Loaded,
  say: Say,
): Promise<Omit<Comparison, 'target'>> {
  const rates: { ours: number[]; bare: number[] } = { ours: [], bare: [] }
  for (let round = 1 - warmUps; round <= rounds; round++) {
    // Who goes first has the colder machine.
    const first = round % 2 === 0 ? 'ours' : 'bare'
    const measured = { ours: 0, bare: 0 }
    for (const side of first === 'ours' ? (['ours', 'bare'] as const) : (['bare', 'ours'] as const)) {
      for (const subject of subjects) await subject.limitReads(side === 'ours' ? plenty : null)
      measured[side] = requestsPerRound / (await load(subjects, read))
    }
    if (round < 1) continue
    rates.ours.push(measured.ours)
    rates.bare.push(measured.bare)
    say(
      `${name}: round ${round} of ${rounds}: ${Math.round(measured.ours)} and ${Math.round(measured.bare)} requests per CPU-second`,
    )
  }
  return { name: `${name}_ratio`, unit: 'requests per CPU-second', ...rates }
}

const together: Load = async (subjects, read) => {
  const used = await Promise.all(subjects.map((subject) => cpuSecondsFor(subject, read, subjects.length)))
  return used.reduce((sum, each) => sum + each, 0)
}

const eachAlone: Load = async (subjects, read) => {
  let used = 0
  for (const subject of subjects) used += await cpuSecondsFor(subject, read, subjects.length)
  return used
}

async function cpuSecondsFor(subject: Subject, read: Exchange, parts: number): Promise<number> {
  const expected = { requests: requestsPerRound / parts, isRight: () => true, settled: async () => {} }
  return (await loadRound(subject, read, expected)).cpuSeconds
}

/** What counting adds to one request, waiting for PostgreSQL included, in a process that does nothing else. */
async function measureCharge(started: AsyncDisposableStack, { databases }: Servers): Promise<number[]> {
  const opened = new Databases(databases)
  started.defer(() => opened.end())
  const log = { info: () => {}, warn: () => {}, error: () => assert.fail('the store was lost'), child: () => log }
  const limiter = new RateLimiter(new PostgresRateStore(opened.control), log)
  const charged = {
    tenant: { id: 'a tenant' },
    actor: { kind: 'key', id: 'a key' },
    limits: { read: plenty, write: plenty, heavy: plenty },
  } as const
  const operation = { rate: 'read', tenantFrom: undefined } as const
  const took: number[] = []
  for (let round = 0; round <= rounds; round++) {
    const beganAtMs = performance.now()
    for (let nth = 0; nth < chargesPerRound; nth++) await limiter.charge(operation, { via: 'api', known: {} }, charged)
    if (round > 0) took.push(((performance.now() - beganAtMs) * 1_000) / chargesPerRound)
  }
  return took
}
