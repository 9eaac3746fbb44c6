import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { EmbeddedInbox } from '../../platform/src/adapters/mail/embedded-inbox.ts'
import { Installation } from '../../platform/src/installation.ts'
import type { Actor, Placement } from '../../platform/src/kernel/context.ts'
import { requireOperation } from '../../platform/src/kernel/operation.ts'
import { BetterAuthProvider } from '../../platform/src/modules/identity/better-auth.ts'
import { PasswordHashing } from '../../platform/src/modules/identity/password-hashing.ts'
import { findPerson } from '../../platform/src/modules/identity/store.ts'
import { systemSession } from '../../platform/src/system-session.ts'
import product from '../../product/app.ts'
import type { Servers } from '../http/servers.ts'

/** One organisation with a project in it, and a program that may read and create more. */
export interface BenchTenant {
  readonly id: string
  readonly key: string
  readonly projectId: string
}

const readyTriesMax = 400

/** Founds organisations in one model, by the operations that people use, in a process beside the server. */
export async function foundTenants(
  started: AsyncDisposableStack,
  servers: Servers,
  model: Placement['model'],
  count: number,
): Promise<BenchTenant[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-bench-inbox-'))
  started.defer(() => rm(folder, { recursive: true, force: true }))
  const installation = new Installation({
    product,
    databases: servers.databases,
    identity: new BetterAuthProvider(new PasswordHashing()),
    mailer: new EmbeddedInbox(folder),
    publicUrl: servers.ours.url,
    log: silent,
  })
  installation.relay.start()
  try {
    const owner = await personOf(installation)
    const tenants: BenchTenant[] = []
    for (let number = 1; number <= count; number++) tenants.push(await foundOne(installation, owner, model, number))
    return tenants
  } finally {
    await installation.close()
  }
}

async function personOf(installation: Installation): Promise<Actor> {
  const email = 'owner@acme.test'
  const person = await findPerson(systemSession(installation.databases.identity), email)
  if (!person) throw new Error(`${email} has no account`)
  return { kind: 'person', id: person.userId, name: 'Owner', email }
}

async function foundOne(
  installation: Installation,
  owner: Actor,
  model: Placement['model'],
  number: number,
): Promise<BenchTenant> {
  const slug = `${model}-${number}`
  const call = async (name: string, input: object, where: { tenant?: string; model?: Placement['model'] }) =>
    installation.call(requireOperation(installation.operations, name), owner, input, where) as Promise<
      Record<string, string>
    >
  await call('tenants.create', { name: slug, slug }, { model })
  const tenant = await ready(() => call('tenant.read', {}, { tenant: slug }))
  const scopes = ['project:read', 'project:create']
  const key = await call('keys.create', { name: 'Benchmark', scopes }, { tenant: slug })
  const project = await call('projects.create', { name: 'A project' }, { tenant: slug })
  return { id: tenant['id'] ?? '', key: key['key'] ?? '', projectId: project['id'] ?? '' }
}

/** What a new organisation answers once its place is there. */
async function ready<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (tries === readyTriesMax) throw error
      await wait(50)
    }
  }
}

const silent = {
  info: () => {},
  warn: () => {},
  error: () => {},
  child() {
    return silent
  },
}
