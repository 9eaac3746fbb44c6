import assert from 'node:assert/strict'
import { cpus, loadavg, totalmem } from 'node:os'
import type { Benchmark, Comparison, Say } from '../benchmark.ts'
import { assertCpuTimeIsReadable } from '../cpu-time.ts'
import { onOneCore } from '../one-core.ts'
import { createdProjects, outboxEmpty } from './data.ts'
import { loadRound, type Round, type Subject } from './load.ts'
import { nameOfCreated, type Scenario, scenariosFor } from './scenarios.ts'
import { type Servers, startServers } from './servers.ts'
import { measureSessionCost } from './session-cost.ts'

const rounds = 5

/** Projects over HTTP with an API key: Tenantry as it is served, against node:http and pg with nothing around them. */
export const http: Benchmark = {
  name: 'http',
  summary: 'requests per CPU-second of the server, and one point read, against bare node:http and pg',

  async run(started, say) {
    assertCpuTimeIsReadable()
    const servers = await startServers(started, say)
    const projectId = await anyProject(servers)
    say('rls: a point read through our session, and by pg alone, with the database on one core')
    const session = await onOneCore(servers.ours.postgresPid, () =>
      measureSessionCost(started, servers, projectId, rounds),
    )
    const comparisons: Comparison[] = []
    const raw: Record<string, unknown> = { machine: machine() }
    for (const scenario of scenariosFor(servers.key, projectId)) {
      const measured = await compare(servers, scenario, say)
      raw[scenario.name] = measured
      comparisons.push(comparisonOf(scenario, measured))
    }
    comparisons.push({ name: 'rls_ratio', unit: 'µs, p50', ...session, target: { atMost: 1.75 } })
    return { comparisons, raw: { ...raw, rls: session } }
  },
}

interface Measured {
  readonly ours: Round[]
  readonly bare: Round[]
}

async function anyProject({ ours, key }: Servers): Promise<string> {
  const response = await fetch(`${ours.url}/api/v1/projects?limit=1`, { headers: { authorization: `Bearer ${key}` } })
  const { items } = (await response.json()) as { items: { id: string }[] }
  return items[0]?.id ?? assert.fail('there are no projects')
}

/** Rounds in turns, after a warm-up of each side. */
async function compare(servers: Servers, scenario: Scenario, say: Say): Promise<Measured> {
  const { ours, bare, cellUrl } = servers
  const { name, exchange, requestsPerRound } = scenario
  const isRight = await answersAlike(servers, scenario)
  const settled = () => outboxEmpty(cellUrl)
  const round = (subject: Subject) => loadRound(subject, exchange, { requests: requestsPerRound, isRight, settled })
  await round(ours)
  await round(bare)
  const measured: Measured = { ours: [], bare: [] }
  for (let index = 1; index <= rounds; index++) {
    measured.ours.push(await round(ours))
    measured.bare.push(await round(bare))
    const [our, their] = [measured.ours, measured.bare].map((each) =>
      Math.round(each.at(-1)?.requestsPerCpuSecond ?? 0),
    )
    say(`${name}: round ${index} of ${rounds}: ${our} and ${their} requests per CPU-second`)
  }
  if (exchange.method === 'POST') await assertAllCreated(cellUrl, (rounds + 1) * requestsPerRound + 1)
  return measured
}

/** Asks both sides once; returns what tells a right answer from a wrong one. */
async function answersAlike(
  { ours, bare }: Servers,
  { exchange, lasting }: Scenario,
): Promise<(body: string) => boolean> {
  const { method, path, headers, status } = exchange
  const body = exchange.body === undefined ? {} : { body: exchange.body }
  const [ourAnswer, bareAnswer] = await Promise.all(
    [ours, bare].map(async ({ url }) => {
      const response = await fetch(url + path, { method, headers, ...body })
      assert.equal(response.status, status, `${method} ${path}`)
      return response.text()
    }),
  )
  const lastingPart = (text = '') => lasting(JSON.parse(text) as Record<string, unknown>)
  assert.deepEqual(lastingPart(ourAnswer), lastingPart(bareAnswer))
  const right = new Set([ourAnswer, bareAnswer])
  const rightParts = new Set([ourAnswer, bareAnswer].map((text) => JSON.stringify(lastingPart(text))))
  return (text) => right.has(text) || rightParts.has(JSON.stringify(lastingPart(text)))
}

async function assertAllCreated(cellUrl: string, each: number): Promise<void> {
  const created = await createdProjects(cellUrl, nameOfCreated)
  assert.deepEqual(created, { ours: each, bare: each }, 'every write is there, ours with audit row and message')
}

function comparisonOf({ name, atLeast }: Scenario, { ours, bare }: Measured): Comparison {
  const rates = (each: Round[]) => each.map((round) => round.requestsPerCpuSecond)
  const postgresUs = (each: Round[]) => each.map((round) => (round.postgresCpuSeconds * 1_000_000) / round.requests)
  return {
    name: `${name}_ratio`,
    unit: 'requests per CPU-second',
    ours: rates(ours),
    bare: rates(bare),
    postgresUs: { ours: postgresUs(ours), bare: postgresUs(bare) },
    target: { atLeast },
  }
}

function machine() {
  return {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAverage: loadavg()[0],
  }
}
