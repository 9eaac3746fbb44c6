import { demoPassword } from '../../platform/src/demo-people.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import type { Operation } from '../../platform/src/kernel/operation.ts'
import type { TestInstallation } from '../installation.ts'
import { smallestInput } from './samples.ts'

/** A call that must succeed: who makes it, where, and with what. */
export interface GoodCall {
  readonly as?: string
  readonly tenant?: string
  readonly input: Record<string, unknown>
}

const owner = { as: 'owner@acme.test', tenant: 'acme' }

/** How to make a record of each resource, by the first part of its path: operations on `/{resource}/{id}` get one each. */
const makers: Record<string, (atlas: TestInstallation) => Promise<string>> = {
  projects: (atlas) => created(atlas, '/projects', { name: 'A project' }),
  tasks: async (atlas) =>
    created(atlas, '/tasks', {
      title: 'A task',
      projectId: await created(atlas, '/projects', { name: 'Its project' }),
    }),
  keys: (atlas) => created(atlas, '/keys', { name: 'A key', scopes: ['project:read'] }),
  invitations: (atlas) => created(atlas, '/invitations', { email: `${newId()}@example.test`, role: 'viewer' }),
  members: async (atlas) => (await joined(atlas)).memberId,
}

/** What an operation needs beyond the smallest input that its schema accepts. */
const special: Record<string, (atlas: TestInstallation) => Promise<GoodCall>> = {
  'accounts.create': async () => ({
    input: { email: `${newId()}@example.test`, name: 'Somebody', password: 'a long enough passphrase' },
  }),
  'accounts.verify': async (atlas) => ({ input: { token: await verificationToken(atlas, await signedUp(atlas)) } }),
  'sessions.create': async () => ({ input: { email: 'viewer@acme.test', password: demoPassword } }),
  'passwordResets.complete': async (atlas) => ({
    input: { token: await resetToken(atlas), password: 'another long passphrase' },
  }),
  'me.changePassword': async (atlas) => {
    const email = await person(atlas)
    return { as: email, input: { currentPassword: demoPassword, newPassword: 'another long passphrase' } }
  },
  'sessions.end': async (atlas) => {
    const email = await person(atlas)
    const { items } = await atlas.ask<{ items: { id: string }[] }>('GET', '/api/v1/sessions', { as: email })
    return { as: email, input: { id: items[0]?.id } }
  },
  'sessions.signOut': async (atlas) => ({ as: await person(atlas), input: {} }),
  'sessions.endOthers': async (atlas) => {
    const email = await person(atlas)
    await atlas.ask('POST', '/api/v1/sessions', { body: { email, password: demoPassword } })
    return { as: email, input: {} }
  },
  'members.leave': async (atlas) => ({ as: (await joined(atlas)).email, tenant: 'acme', input: {} }),
  'tenant.rename': async (atlas) => ({ as: owner.as, tenant: await founded(atlas), input: {} }),
  'tenant.transferOwnership': async (atlas) => {
    const tenant = await founded(atlas)
    return { as: owner.as, tenant, input: { memberId: (await joined(atlas, tenant)).memberId } }
  },
  'invitations.preview': async (atlas) => ({ input: { token: (await invited(atlas)).token } }),
  'invitations.accept': async (atlas) => {
    const { email, token } = await invited(atlas, await person(atlas))
    return { as: email, input: { token } }
  },
  'tasks.create': async (atlas) => ({
    ...owner,
    input: { projectId: await makers['projects']?.(atlas), title: 'A task' },
  }),
  'projects.restore': async (atlas) => ({ ...owner, input: { id: await deleted(atlas, 'projects') } }),
  'tasks.restore': async (atlas) => ({ ...owner, input: { id: await deleted(atlas, 'tasks') } }),
}

/** A call of the operation that must succeed. New operations need an entry above only when they need more than an id. */
export async function goodCall(atlas: TestInstallation, operation: Operation): Promise<GoodCall> {
  const known = special[operation.name]
  if (known) return known(atlas)
  const input = smallestInput(operation)
  const maker = makers[operation.path.split('/')[1] ?? '']
  if (operation.path.includes('/{id}') && maker) input['id'] = await maker(atlas)
  return operation.permission === 'public'
    ? { input }
    : operation.permission === 'signed-in'
      ? { as: owner.as, input }
      : { ...owner, input }
}

/** A tenant that may be renamed or given away, by its slug. */
async function founded(atlas: TestInstallation): Promise<string> {
  const slug = `t${newId().slice(-12)}`
  await atlas.ask('POST', '/api/v1/tenants', { as: owner.as, body: { name: 'A tenant of its own', slug } })
  return slug
}

async function created(atlas: TestInstallation, path: string, body: object): Promise<string> {
  return (await atlas.ask<{ id: string }>('POST', `/api/v1${path}`, { ...owner, body })).id
}

async function deleted(atlas: TestInstallation, resource: string): Promise<string | undefined> {
  const id = await makers[resource]?.(atlas)
  await atlas.ask('DELETE', `/api/v1/${resource}/${id}`, owner)
  return id
}

async function signedUp(atlas: TestInstallation): Promise<string> {
  const email = `${newId()}@example.test`
  await atlas.ask('POST', '/api/v1/accounts', { body: { email, name: 'Somebody', password: demoPassword } })
  return email
}

async function verificationToken(atlas: TestInstallation, email: string): Promise<string | undefined> {
  return /token=([\w-]+)/.exec(await atlas.mailTo(email, '/verify?token='))?.[1]
}

/** Somebody with a confirmed address and the demo's password. */
async function person(atlas: TestInstallation): Promise<string> {
  const email = await signedUp(atlas)
  await atlas.ask('POST', '/api/v1/accounts/verify', { body: { token: await verificationToken(atlas, email) } })
  return email
}

async function resetToken(atlas: TestInstallation): Promise<string | undefined> {
  const email = await person(atlas)
  await atlas.ask('POST', '/api/v1/password-resets', { body: { email } })
  return /token=([\w-]+)/.exec(await atlas.mailTo(email, '/reset?token='))?.[1]
}

async function invited(
  atlas: TestInstallation,
  to = `${newId()}@example.test`,
  tenant = 'acme',
): Promise<{ email: string; token: string | undefined }> {
  await atlas.ask('POST', '/api/v1/invitations', { as: owner.as, tenant, body: { email: to, role: 'member' } })
  return { email: to, token: /token=([\w-]+)/.exec(await atlas.mailTo(to, '/invitation?token='))?.[1] }
}

async function joined(atlas: TestInstallation, tenant = 'acme'): Promise<{ email: string; memberId: string }> {
  const { email, token } = await invited(atlas, await person(atlas), tenant)
  const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/invitations/accept', { as: email, body: { token } })
  return { email, memberId: id }
}
