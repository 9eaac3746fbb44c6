import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import { tracesOf } from '../faults/breakable.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { SmallDisk, withoutSmallDisks } from './small-disk.ts'

/** The disk under the database of one tenant is full. Another tenant's database lies elsewhere on the same server. */

const diskMegabytes = 48
const writesMax = 2_000
const asAcme = { as: 'owner@acme.test', tenant: 'acme' }
const asGlobex = { as: 'owner@globex.test', tenant: 'globex' }

let atlas: TestInstallation
let disk: SmallDisk
let silo: string
let siloUrl: string
const tablespace = `small_${newId().replaceAll('-', '')}`

interface Problem {
  readonly code: string
  readonly detail: string
}

const create = (asking: typeof asAcme, name: string) =>
  atlas.request('POST', '/api/v1/projects', { ...asking, body: { name, description: 'x'.repeat(5_000) } })
const list = (asking: typeof asAcme) => atlas.request('GET', '/api/v1/projects', asking)

async function start(): Promise<void> {
  atlas = await TestInstallation.start({ model: 'silo' })
  const { superuserUrl, controlUrl } = atlas.databases
  const [server] = await rowsOf(superuserUrl, 'show data_directory')
  disk = SmallDisk.mount(diskMegabytes, statSync(String(server?.['data_directory'])))
  await rowsOf(superuserUrl, `create tablespace ${tablespace} location '${disk.folder}'`)
  const [acme] = await rowsOf(controlUrl, "select id from control.tenants where slug = 'acme'")
  silo = siloName(String(acme?.['id']))
  siloUrl = urlFor(superuserUrl, { database: silo })
  await moveTo(tablespace)
  await until('it is served from there', async () => (await list(asAcme)).status === 200)
}

/** A database moves when nobody is connected, and somebody may come back in between. */
async function moveTo(place: string): Promise<void> {
  const { superuserUrl } = atlas.databases
  await until('nobody is connected while it moves', async () => {
    await rowsOf(superuserUrl, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [silo])
    return rowsOf(superuserUrl, `alter database ${silo} set tablespace ${place}`).then(
      () => true,
      () => false,
    )
  })
}

async function stop(): Promise<void> {
  await moveTo('pg_default')
  await rowsOf(atlas.databases.superuserUrl, `drop tablespace ${tablespace}`)
  await atlas.stop()
  disk.unmount()
}

describe('a tenant whose disk is full', { skip: withoutSmallDisks() }, () => {
  before(start)
  after(stop)
  const acknowledged: string[] = []

  test('reads on, and is told with 503 that nothing can be changed; somebody is alerted', async () => {
    disk.fill()
    let refused = 0
    for (let write = 0; write < writesMax && refused < 20; write++) {
      const { status, body, headers } = await create(asAcme, `Filled ${write}`)
      if (status === 201) {
        acknowledged.push((body as { id: string }).id)
        continue
      }
      refused += 1
      const { code, detail } = body as Problem
      assert.deepEqual([status, code], [503, 'platform.unavailable'])
      assert.match(detail, /no room left/)
      assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8')
      assert.match(headers.get('retry-after') ?? '', /^\d+$/)
      assert.equal((await list(asAcme)).status, 200)
    }
    assert.equal(refused, 20)
    const alerts = atlas.log.lines.filter(({ fields }) => fields['alert'] === true)
    assert.ok(alerts.some(({ fields }) => fields['code'] === 'platform.unavailable'))
  })

  test('another tenant reads and writes', async () => {
    assert.equal((await create(asGlobex, 'Elsewhere')).status, 201)
    assert.equal((await list(asGlobex)).status, 200)
  })

  test('writes again without a restart once there is room, and nothing was lost or half-done', async () => {
    disk.free()
    const { status, body } = await create(asAcme, 'Filled no more')
    assert.equal(status, 201)
    acknowledged.push((body as { id: string }).id)
    const traces = await tracesOf(siloUrl, 'Filled ')
    assert.deepEqual([...traces.keys()].toSorted(), acknowledged.toSorted())
    assert.deepEqual([...new Set(traces.values())], ['1 record, 1 message'])
    const waiting = 'select from pool.outbox where done_at is null'
    await until('every message is carried out', async () => (await rowsOf(siloUrl, waiting)).length === 0)
  })
})
