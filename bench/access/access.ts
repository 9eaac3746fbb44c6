import assert from 'node:assert/strict'
import { Access, type Assignment } from '../../platform/src/kernel/access/access.ts'
import { resourcesOf } from '../../platform/src/kernel/access/resource.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { systemPermissions } from '../../platform/src/modules/access/model.ts'
import { platformModules } from '../../platform/src/platform-modules.ts'
import product from '../../product/app.ts'
import type { Benchmark, Say } from '../benchmark.ts'
import { outboxEmpty } from '../http/data.ts'
import { loadRound } from '../http/load.ts'
import { type Servers, startServers } from '../http/servers.ts'
import { median } from '../statistics.ts'
import { guestOfThree, projectsFilled } from './people.ts'

const rounds = 5
const requestsPerRound = 8_000
const checksPerRound = 200_000
const path = '/api/v1/projects?limit=20'

/** What roles cost: one check, and the list of somebody who may see 3 of 10,000 records beside that of the owner. */
export const access: Benchmark = {
  name: 'access',
  summary: 'one permission check, and a list of 3 of 10,000 records beside the list of their owner',

  async run(started, say) {
    const checks = measureChecks()
    say(
      `One check: ${Object.entries(checks)
        .map(([which, us]) => `${which} ${median(us).toFixed(2)} µs`)
        .join(', ')}`,
    )
    const servers = await startServers(started, say)
    const lists = await measureLists(servers, say)
    const worst = Object.values(checks).toSorted((one, other) => median(other) - median(one))[0] ?? []
    return {
      comparisons: [
        { name: 'check_us', unit: 'µs, of 1 µs', ours: worst, bare: worst.map(() => 1), target: { atMost: 5 } },
        {
          name: 'scoped_ratio',
          unit: 'requests per CPU-second: 3 of 10,000, and the owner',
          ours: lists.guest,
          bare: lists.owner,
          target: { atLeast: 0.8 },
        },
      ],
      raw: { checks, lists, projects: projectsFilled },
    }
  },
}

/** Microseconds of one check: of what is held everywhere, on one record, and not at all. */
function measureChecks(): Record<string, number[]> {
  const modules = [...platformModules, ...product.modules]
  const permissions = systemPermissions(modules)
    .filter(({ role }) => role === 'member')
    .map(({ resource, action }) => ({ permission: `${resource}:${action}`, condition: null }))
  const assignment = (scope: Assignment['scope'], held: Assignment['permissions']): Assignment => ({
    id: newId(),
    role: { id: newId(), name: 'Member' },
    scope,
    expiresAt: null,
    permissions: held,
  })
  const records = Array.from({ length: 3 }, () => ({ resource: 'project', id: newId() }))
  const withoutProjects = permissions.filter(({ permission }) => !permission.startsWith('project:'))
  const held = new Access(
    [
      assignment({ kind: 'tenant' }, withoutProjects),
      ...records.map((record) => assignment({ kind: 'record', ...record }, permissions)),
    ],
    resourcesOf(modules),
  )
  const circumstances = { actor: { kind: 'person', id: newId() }, address: '127.0.0.1', now: new Date().toISOString() }
  const questions = {
    everywhere: () => held.may('tenant:read', circumstances) === true,
    'on a record': () => held.may('project:read', circumstances, records[2]) === true,
    'not held': () => held.may('tenant:transfer', circumstances) === false,
  }
  return Object.fromEntries(
    Object.entries(questions).map(([which, ask]) => [
      which,
      Array.from({ length: rounds + 1 }, () => timed(ask)).slice(1),
    ]),
  )
}

function timed(ask: () => boolean): number {
  const beganAtMs = performance.now()
  let right = 0
  for (let index = 0; index < checksPerRound; index++) right += ask() ? 1 : 0
  assert.equal(right, checksPerRound)
  return ((performance.now() - beganAtMs) * 1_000) / checksPerRound
}

async function measureLists(servers: Servers, say: Say): Promise<{ guest: number[]; owner: number[] }> {
  const { ours, cellUrl } = servers
  const { owner, guest, mine } = await guestOfThree(servers)
  await withClient(cellUrl, (client) => client.query('vacuum analyze pool.projects'))
  const isRight = {
    guest: (body: string) => idsIn(body).join() === mine.join(),
    owner: (body: string) => idsIn(body).length === 20,
  }
  const round = async (who: 'guest' | 'owner') => {
    const headers = { cookie: { guest, owner }[who], tenant: 'acme' }
    const exchange = { method: 'GET' as const, path, headers, status: 200 }
    const expected = { requests: requestsPerRound, isRight: isRight[who], settled: () => outboxEmpty(cellUrl) }
    return (await loadRound(ours, exchange, expected)).requestsPerCpuSecond
  }
  await round('guest')
  await round('owner')
  const measured: { guest: number[]; owner: number[] } = { guest: [], owner: [] }
  for (let index = 1; index <= rounds; index++) {
    for (const who of ['guest', 'owner'] as const) measured[who].push(await round(who))
    const [scoped, all] = [measured.guest.at(-1), measured.owner.at(-1)].map((each) => Math.round(each ?? 0))
    say(`round ${index} of ${rounds}: ${scoped} and ${all} requests per CPU-second`)
  }
  return measured
}

function idsIn(body: string): string[] {
  return (JSON.parse(body) as { items: { id: string }[] }).items.map(({ id }) => id).toSorted()
}
