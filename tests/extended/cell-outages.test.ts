import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { TcpProxy } from '../faults/tcp-proxy.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'

/** A cell that takes everything and answers nothing is no one else's, and nobody is told of what belongs to one customer. */

const owner = 'owner@acme.test'
let atlas: TestInstallation
let network: TcpProxy
before(async () => {
  atlas = await TestInstallation.start({
    cells: [
      { name: 'eu-1', region: 'eu' },
      { name: 'globex-server', region: 'globex-hall', reserved: true },
    ],
    async reach({ settings }) {
      const [main, eu, ...others] = settings.cells
      assert.ok(eu)
      network = await TcpProxy.start(Number(new URL(eu.servingUrl).port))
      const url = new URL(eu.servingUrl)
      url.port = String(network.port)
      return { ...settings, cells: [main, { ...eu, servingUrl: url.href }, ...others] }
    },
  })
})
after(async () => {
  await atlas.stop()
  await network.stop()
})

test('the region of a reserved cell is not there for who may not name the cell', async () => {
  const refused = async (region: string) => {
    const body = { name: 'Curious', slug: 'curious', region }
    const reply = await atlas.request('POST', '/api/v1/tenants', { as: owner, body })
    const { code, errors } = reply.body as { code: string; errors?: { detail: string }[] }
    return { status: reply.status, code, detail: errors?.[0]?.detail.replace(region, '…') }
  }
  const unknown = await refused('mars')
  assert.equal(unknown.code, 'place.unknown')
  assert.doesNotMatch(unknown.detail ?? '', /globex/)
  assert.deepEqual(await refused('globex-hall'), unknown)
})

test('while a cell is silent, whoever asks for its tenants again and again takes no room from the others', async () => {
  await atlas.foundTenant('silent', { region: 'eu' })
  assert.equal(await atlas.statusIn('silent'), 200)
  network.silenceAfter('')
  const asking = new AbortController()
  const tries = { made: 0 }
  const caller = async () => {
    while (!asking.signal.aborted) {
      tries.made++
      // Refused in one way or another, or cut off at the end of a test that fails.
      await atlas.statusIn('silent').catch(() => {})
      await wait(100)
    }
  }
  const callers = Array.from({ length: 200 }, caller)
  try {
    // What was connected has to be given up first.
    await wait(11_000)
    const [others, sinceMs] = [new Map<number, number>(), performance.now()]
    while (performance.now() - sinceMs < 6_000) {
      const status = await atlas.statusIn('acme')
      others.set(status, (others.get(status) ?? 0) + 1)
      await wait(20)
    }
    // More than a thousand refusals a second keep this process busy, so that now and then one of the others is shed.
    const all = [...others.values()].reduce((sum, count) => sum + count, 0)
    assert.ok((others.get(200) ?? 0) >= 0.95 * all, `${JSON.stringify([...others])} beside ${tries.made} tries`)
  } finally {
    asking.abort()
    network.heal()
    await Promise.allSettled(callers)
  }
  await until('it is served again', async () => (await atlas.statusIn('silent')) === 200)
})
