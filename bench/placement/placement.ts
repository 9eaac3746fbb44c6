import autocannon from 'autocannon'
import type { Benchmark, Comparison } from '../benchmark.ts'
import { startServers } from '../http/servers.ts'
import { median } from '../statistics.ts'
import { type BenchTenant, foundTenants } from './tenants.ts'

const models = ['pool', 'bridge', 'silo'] as const
type Model = (typeof models)[number]

const tenantsPerModel = 50
const rounds = 7
const requestsPerRound = { read: 8_000, create: 3_000 }
/** Few enough that what is measured is the way of one request and not a queue. */
const callers = 4
const endSeenAfterMs = 10
const leastRatio = { bridge: 0.7, silo: 0.85 }

/** The same requests to fifty tenants in turns, whose rows are in shared tables, in schemas and in databases of their own. */
export const placement: Benchmark = {
  name: 'placement',
  summary: 'requests per second of tenants with a schema or a database of their own, against the pool',

  async run(started, say) {
    const servers = await startServers(started, say)
    const tenants = new Map<Model, BenchTenant[]>()
    for (const model of models) {
      say(`Founding ${tenantsPerModel} tenants: ${model}`)
      tenants.set(model, await foundTenants(started, servers, model, tenantsPerModel))
    }
    const rates = { read: ratesOf(), create: ratesOf() }
    for (const kind of ['read', 'create'] as const) {
      for (let round = 0; round <= rounds; round++) {
        for (const model of models) {
          const rate = await requestsPerSecond(servers.ours.url, kind, tenants.get(model) ?? [])
          // The first round warms up: connections, prepared statements, compiled code.
          if (round > 0) rates[kind][model].push(rate)
        }
        const latest = models.map((model) => Math.round(rates[kind][model].at(-1) ?? 0))
        if (round > 0) say(`${kind}: round ${round} of ${rounds}: ${latest.join(', ')} a second (${models.join(', ')})`)
      }
    }
    const comparisons = (['bridge', 'silo'] as const).flatMap((model) =>
      (['read', 'create'] as const).map((kind) => comparisonOf(model, kind, rates[kind])),
    )
    return { comparisons: [...worse('bridge', comparisons), ...worse('silo', comparisons)], raw: rates }
  },
}

function ratesOf(): Record<Model, number[]> {
  return { pool: [], bridge: [], silo: [] }
}

function comparisonOf(model: 'bridge' | 'silo', kind: string, rates: Record<Model, number[]>): Comparison {
  const target = { atLeast: leastRatio[model] }
  return { name: `${model}_${kind}_ratio`, unit: 'requests per second', ours: rates[model], bare: rates.pool, target }
}

/** Reads and creates apart, and the worse of the two under the model's name. */
function worse(model: string, comparisons: readonly Comparison[]): Comparison[] {
  const own = comparisons.filter(({ name }) => name.startsWith(model))
  const [worst] = own.toSorted((one, other) => ratioOf(one) - ratioOf(other))
  return worst ? [...own, { ...worst, name: `${model}_ratio` }] : own
}

function ratioOf({ ours, bare }: Comparison): number {
  return median(ours.map((rate, round) => rate / (bare[round] as number)))
}

/** Each caller asks one tenant after the other, and begins with another one, so that they do not meet at one tenant. */
async function requestsPerSecond(
  url: string,
  kind: 'read' | 'create',
  tenants: readonly BenchTenant[],
): Promise<number> {
  const requests = tenants.map(({ key, projectId }) => requestOf(kind, key, projectId))
  const amount = requestsPerRound[kind] / callers
  const beganAtMs = performance.now()
  const results = await Promise.all(
    Array.from({ length: callers }, (_, caller) => {
      const first = Math.floor((caller * requests.length) / callers)
      const turns = [...requests.slice(first), ...requests.slice(0, first)]
      return autocannon({ url, connections: 1, amount, requests: turns, sampleInt: endSeenAfterMs })
    }),
  )
  const seconds = (performance.now() - beganAtMs) / 1_000
  const status = kind === 'read' ? 200 : 201
  for (const { statusCodeStats } of results)
    if (statusCodeStats[status]?.count !== amount)
      throw new Error(`${kind}: not all of ${amount} were right: ${JSON.stringify(statusCodeStats)}`)
  return (amount * callers) / seconds
}

function requestOf(kind: 'read' | 'create', key: string, projectId: string) {
  const headers = { authorization: `Bearer ${key}` }
  if (kind === 'read') return { method: 'GET', path: `/api/v1/projects/${projectId}`, headers } as const
  const body = JSON.stringify({ name: 'A project of the benchmark' })
  return {
    method: 'POST',
    path: '/api/v1/projects',
    headers: { ...headers, 'content-type': 'application/json' },
    body,
  } as const
}
