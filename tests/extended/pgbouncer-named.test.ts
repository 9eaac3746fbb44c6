import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Tenant } from '../../platform/src/kernel/context.ts'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { refuseUnfitPooler } from '../../platform/src/kernel/database/pooler.ts'
import { type TestDatabases, testDatabases } from '../database.ts'
import { dropSilos, tenantsIn } from '../isolation/own-places.ts'
import { PgBouncer, withoutPgBouncer } from './pgbouncer.ts'

/** A PgBouncer that does not carry named statements is found wherever it stands. */

const unfit = /does not carry named statements.*TENANTRY_UNNAMED_STATEMENTS/

describe('a PgBouncer before 1.21, while statements are named', { skip: withoutPgBouncer }, () => {
  let databases: TestDatabases
  let pooler: PgBouncer
  let direct: Databases
  let silo: Tenant
  before(async () => {
    databases = await testDatabases({ silos: true })
    pooler = await PgBouncer.start(databases.superuserUrl, 4)
    direct = new Databases(databases.settings)
    const [tenant] = await tenantsIn(direct, 'silo', 1)
    silo = tenant as Tenant
  })
  after(async () => {
    await direct.end()
    // Its connections would stand in the way of dropping the silo.
    await pooler.stop()
    await dropSilos(direct, [silo])
    await databases.drop()
  })

  test('is refused before the replica of a cell, as it is before the cell', async () => {
    const { settings } = databases
    const [main] = settings.cells
    await refuseUnfitPooler({ ...settings, cells: [{ ...main, replicaUrl: main.servingUrl }] })
    const replicaUrl = pooler.through(main.servingUrl)
    await assert.rejects(refuseUnfitPooler({ ...settings, cells: [{ ...main, replicaUrl }] }), unfit)
    await refuseUnfitPooler({ ...settings, cells: [{ ...main, replicaUrl }], unnamedStatements: true })
  })

  test('is refused before a silo when that is opened, for its requests and for its relay', async () => {
    const through = pooler.before(databases.settings)
    const named = new Databases({ ...through, unnamedStatements: false })
    const unnamed = new Databases(through)
    try {
      const { database, outbox } = named.of('tenant', silo)
      await assert.rejects(database.connect(), unfit)
      await assert.rejects(outbox.database.connect(), unfit)
      for (const fit of [unnamed, direct]) {
        const connection = await fit.of('tenant', silo).database.connect()
        connection.release(false)
      }
    } finally {
      await named.end()
      await unnamed.end()
    }
  })
})
