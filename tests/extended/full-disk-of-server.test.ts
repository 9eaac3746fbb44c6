import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../platform/src/adapters/embedded-postgres/embedded-postgres.ts'
import { serverAccount } from '../../platform/src/adapters/embedded-postgres/server-account.ts'
import { makeTemplates, rowsOf } from '../database.ts'
import { tracesOf } from '../faults/breakable.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { SmallDisk, withoutSmallDisks } from './small-disk.ts'

/** The disk under everything that PostgreSQL has is full, its log included. */

const diskMegabytes = 500
const writesMax = 2_000
const asAcme = { as: 'owner@acme.test', tenant: 'acme' }

let disk: SmallDisk
let postgres: EmbeddedPostgres
let atlas: TestInstallation
const acknowledged: string[] = []

async function start(): Promise<void> {
  disk = SmallDisk.mount(diskMegabytes, serverAccount('/') ?? { uid: 0, gid: 0 })
  postgres = await startEmbeddedPostgres({ dataFolder: disk.folder })
  await makeTemplates(postgres.superuserUrl)
  process.env['TENANTRY_TEST_SUPERUSER_URL'] = postgres.superuserUrl
  atlas = await TestInstallation.start()
}

async function stop(): Promise<void> {
  await atlas.stop()
  await postgres.stop()
  disk.unmount()
}

/** Tries to write once. What is refused is refused as an outage deserves. */
async function write(name: string): Promise<boolean> {
  const body = { name, description: 'x'.repeat(5_000) }
  const { status, body: reply } = await atlas.request('POST', '/api/v1/projects', { ...asAcme, body })
  if (status === 201) acknowledged.push((reply as { id: string }).id)
  else assert.deepEqual([status, (reply as { code: string }).code], [503, 'platform.unavailable'])
  return status === 201
}

const read = async () => (await atlas.request('GET', '/api/v1/projects', asAcme)).status

describe('a server whose disk is full', { skip: withoutSmallDisks() }, () => {
  before(start)
  after(stop)

  test('refuses what it cannot write, and is read from', async () => {
    assert.equal(await read(), 200)
    disk.fill()
    let refused = 0
    for (let count = 0; count < writesMax && refused < 10; count++) {
      if (await write(`Filled ${count}`)) continue
      refused += 1
      assert.equal(await read(), 200)
    }
    assert.equal(refused, 10)
  })

  test('that cannot even write its log goes down, and every request is answered with 503', async () => {
    await until('there is no room for the log', () =>
      rowsOf(postgres.superuserUrl, "select pg_switch_wal(), pg_logical_emit_message(true, 'filling', 'x')").then(
        () => false,
        () => true,
      ),
    )
    for (let count = 0; count < 10; count++) {
      assert.equal(await write(`Filled while down ${count}`), false)
      assert.equal(await read(), 503)
    }
  })

  test('comes back by itself once there is room, and nothing was lost or half-done', async () => {
    disk.free()
    await until('a write succeeds again', () => write('Filled no more'))
    const traces = await tracesOf(atlas.databases.cellUrl, 'Filled ')
    assert.deepEqual([...traces.keys()].toSorted(), acknowledged.toSorted())
    assert.deepEqual([...new Set(traces.values())], ['1 record, 1 message'])
  })
})
