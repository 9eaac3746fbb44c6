import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { EmbeddedInbox } from '../../platform/src/adapters/mail/embedded-inbox.ts'
import { Installation } from '../../platform/src/installation.ts'
import { Database } from '../../platform/src/kernel/database/database.ts'
import { urlFor } from '../../platform/src/kernel/database/roles.ts'
import type { Outbox } from '../../platform/src/kernel/database/session.ts'
import { OutboxRelay } from '../../platform/src/kernel/outbox/relay.ts'
import { Ports } from '../../platform/src/kernel/port.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import product from '../../product/app.ts'
import { type TestDatabases, testDatabases, testSecret } from '../database.ts'
import { LogLines } from '../installation.ts'
import { until } from '../until.ts'

/** What the relay keeps of a silo that was purged. */

let databases: TestDatabases
let installation: Installation
before(async () => {
  databases = await testDatabases()
  installation = new Installation({
    product,
    databases: databases.settings,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: new EmbeddedInbox('nowhere'),
    publicUrl: 'http://127.0.0.1',
    log: new LogLines(),
  })
})
after(async () => {
  await installation.close()
  await databases.drop()
})

/** Looked into once, as a silo is; then nobody but the relay can know of it. */
async function carriedAndClosed(outboxes: Outbox[]): Promise<WeakRef<Database>> {
  const url = urlFor(databases.cellUrl, { role: 'tenantry_relay', secret: testSecret })
  const key = installation.databases.keyOf('cell main')
  const database = new Database({ name: 'a silo', url, key, connectionsMax: 1 })
  outboxes.push({ name: 'a silo', database })
  await until('its outbox was looked into', () => Promise.resolve(database.connections.idle === 1))
  outboxes.pop()
  await database.end()
  return new WeakRef(database)
}

test('the relay forgets a database that nobody names any more', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const outboxes: Outbox[] = []
  const relay = new OutboxRelay({
    gates: installation.gates,
    targets: installation.databases,
    jobs: [],
    listeners: [],
    outboxes: () => outboxes,
    rungOutboxes: () => Promise.resolve([]),
    ports: new Ports(),
    databaseTime: installation.databaseTime,
    log: new LogLines(),
    now: () => new Date(),
  })
  relay.start()
  const gone = await carriedAndClosed(outboxes)
  await until('it is forgotten', () => {
    collect()
    return Promise.resolve(gone.deref() === undefined)
  })
  await relay.stop()
  assert.equal(gone.deref(), undefined)
})
