import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedInbox } from '../platform/src/adapters/mail/embedded-inbox.ts'
import { createDemo } from '../platform/src/demo.ts'
import { Installation } from '../platform/src/installation.ts'
import type { DatabasesSettings } from '../platform/src/kernel/database/databases.ts'
import { BetterAuthProvider } from '../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../platform/src/modules/identity/password-hashing.ts'
import product from '../product/app.ts'
import { until } from './until.ts'

const silent = { info() {}, warn() {}, error() {}, child: () => silent }

/** Fills migrated databases with the demo's people and its two organisations, empty, and waits until no work is left. */
export async function foundDemo(databases: DatabasesSettings, isWorkLeft: () => Promise<boolean>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-inbox-'))
  const inbox = new EmbeddedInbox(folder)
  const installation = new Installation({
    product,
    databases,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: inbox,
    publicUrl: 'http://127.0.0.1',
    log: silent,
  })
  try {
    installation.relay.start()
    await createDemo(installation, { ...product, demo: async () => {} }, inbox)
    await until('no work is left', async () => !(await isWorkLeft()))
  } finally {
    await installation.close()
    await rm(folder, { recursive: true, force: true })
  }
}
