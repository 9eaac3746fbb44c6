import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start({ demoData: true })
})
after(() => atlas.stop())

test('ids are UUIDs of version 7 that sort in the order in which they were made, also many within a millisecond', () => {
  const beganAtMs = Date.now()
  const ids = Array.from({ length: 20_000 }, newId)
  for (const id of ids) assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  assert.deepEqual(ids.toSorted(), ids)
  assert.equal(new Set(ids).size, ids.length)
  const madeAtMs = Number.parseInt((ids[0] ?? '').replaceAll('-', '').slice(0, 12), 16)
  assert.ok(Math.abs(madeAtMs - beganAtMs) < 1_000)
})

test('every row has an id of version 7, but for daily jobs, whose id is made of their day', async () => {
  for (const url of [atlas.databases.controlUrl, atlas.databases.cellUrl]) {
    const tables = await rowsOf(
      url,
      `select format('%I.%I', table_schema, table_name) as name from information_schema.columns
       where table_schema in ('control', 'identity', 'pool') and column_name = 'id' and data_type = 'uuid'`,
    )
    assert.ok(tables.length >= 5)
    for (const { name } of tables) {
      const wrong = await rowsOf(
        url,
        `select to_jsonb(t) as row from ${String(name)} t where uuid_extract_version(id) <> 7`,
      )
      const jobs = wrong.filter(({ row }) => (row as { request_id?: string }).request_id?.startsWith('daily '))
      assert.deepEqual(wrong, jobs, String(name))
    }
  }
})
