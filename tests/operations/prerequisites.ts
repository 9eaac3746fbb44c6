import { setTimeout as wait } from 'node:timers/promises'
import { demoPassword, staff as demoStaff } from '../../platform/src/demo-people.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import type { Operation } from '../../platform/src/kernel/operation.ts'
import { codeShown } from '../../platform/src/modules/identity/authenticator.fixture.ts'
import { rowsOf } from '../database.ts'
import type { TestInstallation } from '../installation.ts'
import { givenUpMessage } from '../outbox/given-up-message.ts'
import { begunRecovery, newAddressToken, recoveryToken, tokenIn } from './mailed-tokens.ts'
import { smallestInput } from './samples.ts'
import { addPasskey, askForSecondFactor, madePasskey, proofOf, setUpSecondFactor } from './second-factor.ts'

/** A call that must succeed: who makes it, where, and with what. */
export interface GoodCall {
  readonly as?: string
  readonly tenant?: string
  readonly input: Record<string, unknown>
}

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const staff = { as: demoStaff.email }

/** Somebody whom an operation lets in: staff for those of staff, else an owner in their tenant. */
export function callerOf({ permission }: Operation): { as: string; tenant?: string } {
  return permission === 'staff' ? staff : owner
}

/** How to make a record of each resource, by the first part of its path: operations on `/{resource}/{id}` get one each. */
const makers: Record<string, (atlas: TestInstallation) => Promise<string>> = {
  projects: (atlas) => created(atlas, '/projects', { name: 'A project' }),
  tasks: async (atlas) =>
    created(atlas, '/tasks', {
      title: 'A task',
      projectId: await created(atlas, '/projects', { name: 'Its project' }),
    }),
  keys: (atlas) => created(atlas, '/keys', { name: 'A key', scopes: ['project:read'] }),
  'service-accounts': (atlas) => created(atlas, '/service-accounts', { name: `Account ${newId()}` }),
  invitations: (atlas) => created(atlas, '/invitations', { email: `${newId()}@example.test`, role: 'viewer' }),
  members: async (atlas) => (await joined(atlas)).memberId,
  roles: (atlas) => created(atlas, '/roles', { name: `Role ${newId()}`, permissions: [] }),
  'audit-streams': (atlas) => auditStream(atlas),
  teams: (atlas) => created(atlas, '/teams', { name: `Team ${newId()}` }),
  assignments: async (atlas) => created(atlas, '/assignments', await givenRole(atlas)),
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
  'sessions.verify': async (atlas) => {
    const as = await person(atlas)
    const { codeIn } = await setUpSecondFactor(atlas, as)
    await askForSecondFactor(atlas, as)
    return { as, input: { code: codeIn(30) } }
  },
  'sessions.stepUp': async (atlas) => ({ as: await person(atlas), input: { currentPassword: demoPassword } }),
  'authenticator.begin': async (atlas) => ({ as: await person(atlas), input: {} }),
  'authenticator.confirm': async (atlas) => {
    const as = await person(atlas)
    const { secret } = await atlas.ask<{ secret: string }>('POST', '/api/v1/me/authenticator', { as })
    return { as, input: { code: codeShown(secret, Date.now()) } }
  },
  'recoveryCodes.renew': async (atlas) => {
    const as = await person(atlas)
    return { as, input: { code: (await setUpSecondFactor(atlas, as)).codeIn(30) } }
  },
  'secondFactor.disable': async (atlas) => {
    const as = await person(atlas)
    return { as, input: { currentPassword: demoPassword, code: (await setUpSecondFactor(atlas, as)).codeIn(30) } }
  },
  'emailChanges.create': async (atlas) => ({
    as: await person(atlas),
    input: { email: `${newId()}@example.test` },
  }),
  'emailChanges.confirm': async (atlas) => {
    const as = await person(atlas)
    return { input: { token: await newAddressToken(atlas, as, `${newId()}@example.test`) } }
  },
  'emailChanges.undo': async (atlas) => {
    const as = await person(atlas)
    const token = await newAddressToken(atlas, as, `${newId()}@example.test`)
    await atlas.ask('POST', '/api/v1/email-changes/confirm', { body: { token } })
    return { input: { token: tokenIn(await atlas.mailTo(as, '/undo-address?token=')) } }
  },
  'accountRecoveries.begin': async (atlas) => {
    const email = await person(atlas)
    await addPasskey(atlas, email)
    return { input: { token: await recoveryToken(atlas, email) } }
  },
  'accountRecoveries.cancel': async (atlas) => {
    const email = await person(atlas)
    await addPasskey(atlas, email)
    return { input: { token: await begunRecovery(atlas, email) } }
  },
  'passkeys.begin': async (atlas) => ({ as: await person(atlas), input: {} }),
  'passkeys.create': async (atlas) => {
    const as = await person(atlas)
    return { as, input: { name: 'Phone', registration: (await madePasskey(atlas, as)).registration } }
  },
  'passkeys.rename': async (atlas) => {
    const as = await person(atlas)
    return { as, input: { id: (await addPasskey(atlas, as)).id, name: 'Laptop' } }
  },
  'passkeys.remove': async (atlas) => {
    const as = await person(atlas)
    return { as, input: { id: (await addPasskey(atlas, as)).id } }
  },
  'sessions.createWithPasskey': async (atlas) => {
    const { passkey } = await addPasskey(atlas, await person(atlas))
    return { input: { passkey: await proofOf(atlas, passkey) } }
  },
  'sessions.signOut': async (atlas) => ({ as: await person(atlas), input: {} }),
  'sessions.endOthers': async (atlas) => {
    const email = await person(atlas)
    await atlas.ask('POST', '/api/v1/sessions', { body: { email, password: demoPassword } })
    return { as: email, input: {} }
  },
  'serviceAccounts.create': async () => ({ ...owner, input: { name: `Account ${newId()}` } }),
  'keys.create': async () => ({ ...owner, input: { name: 'A key', scopes: ['project:read'] } }),
  'roles.create': async () => ({ ...owner, input: { name: `Role ${newId()}` } }),
  'teams.create': async () => ({ ...owner, input: { name: `Team ${newId()}` } }),
  'assignments.create': async (atlas) => ({ ...owner, input: await givenRole(atlas) }),
  'access.explain': async (atlas) => ({
    ...owner,
    input: { principalId: await accountOf(atlas, 'viewer@acme.test'), permission: 'project:read' },
  }),
  'teamMembers.create': async (atlas) => {
    const id = await created(atlas, '/teams', { name: `Team ${newId()}` })
    return { ...owner, input: { id, principalId: await accountOf(atlas, 'viewer@acme.test') } }
  },
  'teamMembers.update': async (atlas) => ({ ...owner, input: await inTeam(atlas) }),
  'teamMembers.remove': async (atlas) => ({ ...owner, input: await inTeam(atlas) }),
  'auditStreams.create': async (atlas) => {
    await deletedStreams(atlas)
    return { ...owner, input: { url: 'https://collector.example.com/in' } }
  },
  'members.leave': async (atlas) => ({ as: (await joined(atlas)).email, tenant: 'acme', input: {} }),
  'tenant.rename': async (atlas) => ({ as: owner.as, tenant: await founded(atlas), input: {} }),
  'tenant.cancel': async (atlas) => ({
    as: owner.as,
    tenant: await founded(atlas),
    input: { name: 'A tenant of its own', reason: 'We close down' },
  }),
  'tenant.readCancellation': async (atlas) => ({ as: owner.as, tenant: (await cancelled(atlas)).slug, input: {} }),
  'tenant.restore': async (atlas) => ({ as: owner.as, tenant: (await cancelled(atlas)).slug, input: {} }),
  'staffTenants.read': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id') } }),
  'staffTenants.listMembers': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id') } }),
  'staffActions.listOfTenant': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id') } }),
  'staffUsage.read': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id') } }),
  'staffTenants.create': async () => ({ ...staff, input: { owner: owner.as } }),
  'staffTenants.changePlan': async (atlas) => ({
    ...staff,
    input: { id: await founded(atlas, 'id'), plan: 'standard' },
  }),
  'staffTenants.suspend': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id') } }),
  'staffTenants.reactivate': async (atlas) => {
    const id = await founded(atlas, 'id')
    await ofStaff(atlas, id, 'suspend', { mode: 'blocked' })
    return { ...staff, input: { id } }
  },
  'staffTenants.cancel': async (atlas) => {
    const slug = await founded(atlas)
    return { ...staff, input: { id: await idOf(atlas, slug), slug } }
  },
  'staffTenants.restore': async (atlas) => ({ ...staff, input: { id: (await cancelled(atlas)).id } }),
  'staffTenants.purge': async (atlas) => {
    const { id, slug } = await cancelled(atlas)
    const over = "update control.tenants set purge_after = now() - interval '1 minute' where id = $1"
    await rowsOf(atlas.databases.controlUrl, over, [id])
    return { ...staff, input: { id, slug } }
  },
  'staffSupport.ask': async (atlas) => ({ ...staff, input: { id: await idOf(atlas, 'acme'), member: owner.as } }),
  'staffSupport.read': async (atlas) => ({ ...staff, input: await supportAsked(atlas) }),
  'staffSupport.raise': async (atlas) => ({ ...staff, input: await supportOpened(atlas) }),
  'staffSupport.end': async (atlas) => ({ ...staff, input: await supportAsked(atlas) }),
  'supportSessions.approve': async (atlas) => ({ ...owner, input: { id: (await supportAsked(atlas)).sessionId } }),
  'supportSessions.end': async (atlas) => ({ ...owner, input: { id: (await supportAsked(atlas)).sessionId } }),
  'fleet.pause': async (atlas) => {
    await rowsOf(atlas.databases.controlUrl, 'delete from control.fleet_hold')
    return { ...staff, input: {} }
  },
  'fleet.resume': async (atlas) => {
    const hold = "insert into control.fleet_hold (reason, since) values ('For a test', now()) on conflict do nothing"
    await rowsOf(atlas.databases.controlUrl, hold)
    return { ...staff, input: {} }
  },
  'fleet.retry': async (atlas) => {
    await failedTarget(atlas)
    return { ...staff, input: {} }
  },
  'fleetTargets.retry': async (atlas) => ({ ...staff, input: { id: await failedTarget(atlas) } }),
  'outboxMessages.repeat': async (atlas) => ({ ...staff, input: { id: await givenUpMessage(atlas.databases) } }),
  'staffTenantFlags.list': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id') } }),
  'staffTenantFlags.update': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id'), on: true } }),
  'tenantAnalytics.read': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id') } }),
  'tenantAnalytics.measure': async (atlas) => ({ ...staff, input: { id: await founded(atlas, 'id') } }),
  'staffUsers.read': async (atlas) => ({ ...staff, input: { id: await accountOf(atlas, 'viewer@acme.test') } }),
  'staffUsers.endSessions': async (atlas) => {
    const { id } = await atlas.ask<{ id: string }>('GET', '/api/v1/me', { as: await person(atlas) })
    return { ...staff, input: { id } }
  },
  'staff.appoint': async (atlas) => {
    const email = 'viewer@acme.test'
    await dismissed(atlas, email)
    return { ...staff, input: { email } }
  },
  'staff.dismiss': async (atlas) => {
    const body = { email: 'member@acme.test', reason: 'They help out' }
    await dismissed(atlas, body.email)
    const { userId } = await atlas.ask<{ userId: string }>('POST', '/api/v1/staff', { ...staff, body })
    return { ...staff, input: { userId } }
  },
  'tenant.transferOwnership': async (atlas) => {
    const tenant = await founded(atlas)
    return { as: owner.as, tenant, input: { memberId: (await joined(atlas, tenant)).memberId } }
  },
  'invitations.previewMany': async () => ({ ...owner, input: { csv: peopleFile() } }),
  'invitations.createMany': async () => ({ ...owner, input: { csv: peopleFile() } }),
  'invitations.preview': async (atlas) => ({ input: { token: (await invited(atlas)).token } }),
  'invitations.accept': async (atlas) => {
    const { email, token } = await invited(atlas, await person(atlas))
    return { as: email, input: { token } }
  },
  'tasks.create': async (atlas) => ({
    ...owner,
    input: { projectId: await makers['projects']?.(atlas), title: 'A task' },
  }),
  'projects.restore': async (atlas) => ({ ...owner, input: { id: await deleted(atlas, 'projects'), name: newId() } }),
  'projects.purge': async (atlas) => ({
    ...owner,
    input: { id: await deleted(atlas, 'projects'), confirm: 'A project' },
  }),
  'tasks.restore': async (atlas) => ({ ...owner, input: { id: await deleted(atlas, 'tasks') } }),
  'tasks.purge': async (atlas) => ({ ...owner, input: { id: await deleted(atlas, 'tasks'), confirm: 'A task' } }),
}

/** A call of the operation that must succeed. New operations need an entry above only when they need more than an id. */
export async function goodCall(atlas: TestInstallation, operation: Operation): Promise<GoodCall> {
  const known = special[operation.name]
  if (known) return known(atlas)
  const input = smallestInput(operation)
  const maker = makers[operation.path.split('/')[1] ?? '']
  if (operation.path.includes('/{id}') && maker) input['id'] = await maker(atlas)
  if (operation.permission === 'public') return { input }
  return operation.permission === 'signed-in' ? { as: owner.as, input } : { ...callerOf(operation), input }
}

/** A tenant that may be renamed, given away or closed, by its slug or id. */
async function founded(atlas: TestInstallation, by: 'slug' | 'id' = 'slug'): Promise<string> {
  const body = { name: 'A tenant of its own', slug: `t${newId().slice(-12)}` }
  const tenant = await atlas.ask<{ slug: string; id: string }>('POST', '/api/v1/tenants', { as: owner.as, body })
  // The reply waits two seconds for what sets the tenant up; beside other tests that may take longer.
  for (let tries = 0; tries < 200; tries++) {
    const { status } = await atlas.request('GET', '/api/v1/tenant', { as: owner.as, tenant: tenant.id })
    if (status === 200) break
    await wait(50)
  }
  return tenant[by]
}

async function idOf(atlas: TestInstallation, slug: string): Promise<string> {
  return (await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', { as: owner.as, tenant: slug })).id
}

async function cancelled(atlas: TestInstallation): Promise<{ id: string; slug: string }> {
  const slug = await founded(atlas)
  const id = await idOf(atlas, slug)
  await ofStaff(atlas, id, 'cancel', { slug })
  return { id, slug }
}

/** A target as the mirror shows it after a failure, while nothing holds the fleet. It is nowhere, so that a retry soon forgets it. */
async function failedTarget(atlas: TestInstallation): Promise<unknown> {
  const { controlUrl } = atlas.databases
  await rowsOf(controlUrl, 'delete from control.fleet_hold')
  const failed = `insert into control.fleet_targets (name, kind, tenant_id, state, level, wanted, error, changed_at, seen_at)
    values ($1, 'tenant', $2, 'failed', 1, 2, 'lock timeout', now(), now()) returning id`
  return (await rowsOf(controlUrl, failed, [`bridge ${newId()}`, newId()]))[0]?.['id']
}

/** Makes sure that somebody is no staff. */
async function dismissed(atlas: TestInstallation, email: string): Promise<void> {
  const { items } = await atlas.ask<{ items: { userId: string; email: string }[] }>('GET', '/api/v1/staff', staff)
  const { userId } = items.find((each) => each.email === email) ?? {}
  if (userId === undefined) return
  // Another test may have done it at the same moment.
  await atlas.request('POST', `/api/v1/staff/${userId}/dismiss`, { ...staff, body: { reason: 'They are done' } })
}

async function ofStaff(atlas: TestInstallation, id: string, verb: string, input: object): Promise<void> {
  const body = { reason: 'For a test', ...input }
  await atlas.ask('POST', `/api/v1/staff/tenants/${id}/${verb}`, { ...staff, body })
}

async function created(atlas: TestInstallation, path: string, body: object): Promise<string> {
  return (await atlas.ask<{ id: string }>('POST', `/api/v1${path}`, { ...owner, body })).id
}

async function deleted(atlas: TestInstallation, resource: string): Promise<string | undefined> {
  const id = await makers[resource]?.(atlas)
  await atlas.ask('DELETE', `/api/v1/${resource}/${id}`, owner)
  return id
}

/** An organisation may have five: those of calls before are in nobody's way. */
async function auditStream(atlas: TestInstallation): Promise<string> {
  await deletedStreams(atlas)
  return created(atlas, '/audit-streams', { name: 'A collector', url: 'https://collector.example.com/in' })
}

async function deletedStreams(atlas: TestInstallation): Promise<void> {
  await rowsOf(atlas.databases.controlUrl, 'delete from control.audit_streams')
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

/** One of the staff wants to look into acme. */
async function supportAsked(atlas: TestInstallation): Promise<{ id: string; sessionId: string }> {
  const id = await idOf(atlas, 'acme')
  const body = { member: owner.as, reason: 'To help', ticket: 'T-1' }
  const asked = await atlas.ask<{ id: string }>('POST', `/api/v1/staff/tenants/${id}/support-sessions`, {
    ...staff,
    body,
  })
  return { id, sessionId: asked.id }
}

async function supportOpened(atlas: TestInstallation): Promise<{ id: string; sessionId: string }> {
  const asked = await supportAsked(atlas)
  await atlas.ask('POST', `/api/v1/support-sessions/${asked.sessionId}/approve`, { ...owner, body: {} })
  return asked
}

async function resetToken(atlas: TestInstallation): Promise<string | undefined> {
  const email = await person(atlas)
  await atlas.ask('POST', '/api/v1/password-resets', { body: { email } })
  return /token=([\w-]+)/.exec(await atlas.mailTo(email, '/reset?token='))?.[1]
}

/** A CSV file that names one person. */
function peopleFile(): string {
  return `email,role\n${newId()}@example.test,viewer`
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

async function accountOf(atlas: TestInstallation, email: string): Promise<string> {
  const { items } = await atlas.ask<{ items: { userId: string; email: string }[] }>('GET', '/api/v1/members', owner)
  return items.find((each) => each.email === email)?.userId ?? ''
}

/** A role of acme's own, for somebody who does not have it yet. */
async function givenRole(atlas: TestInstallation): Promise<{ principalId: string; roleId: string }> {
  const roleId = await created(atlas, '/roles', { name: `Role ${newId()}`, permissions: [] })
  return { principalId: await accountOf(atlas, 'viewer@acme.test'), roleId }
}

async function inTeam(atlas: TestInstallation): Promise<{ id: string; principalId: string }> {
  const id = await created(atlas, '/teams', { name: `Team ${newId()}` })
  const principalId = await accountOf(atlas, 'viewer@acme.test')
  await atlas.ask('POST', `/api/v1/teams/${id}/members`, { ...owner, body: { principalId } })
  return { id, principalId }
}
