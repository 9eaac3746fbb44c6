import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { TestInstallation } from './installation.ts'

let atlas: TestInstallation

/** What people and programs do in their first days, on an installation that `start` makes. */
export function tellStory(start: () => Promise<TestInstallation>): void {
  before(async () => {
    atlas = await start()
  })
  after(() => atlas.stop())
  test(
    'a person signs up, confirms the address, founds an organisation and invites a colleague who joins',
    foundAndInvite,
  )
  test(
    'a project is created, changed, deleted, found in the trash and restored, and the audit log tells it',
    workWithProject,
  )
  test('a program does the same with an API key, whose tenant and scopes are its own', workWithKey)
  test('the last owner stays, also when two owners remove each other at the same moment', keepAnOwner)
  test('an administrator cannot raise anybody above themselves', refuseToRaise)
}

const newPerson = { email: 'nora@example.test', name: 'Nora Quist', password: 'a long enough passphrase' }

async function foundAndInvite(): Promise<void> {
  const { email, password } = newPerson
  await atlas.ask('POST', '/api/v1/accounts', { body: newPerson })
  const early = await atlas.request('POST', '/api/v1/sessions', { body: { email, password } })
  assert.equal(early.status, 403)
  const token = /token=([\w-]+)/.exec(await atlas.mailTo(email, '/verify?token='))?.[1]
  await atlas.ask('POST', '/api/v1/accounts/verify', { body: { token } })
  const signedIn = await atlas.request('POST', '/api/v1/sessions', { body: { email, password } })
  assert.equal(signedIn.status, 201)
  const cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  assert.match(signedIn.headers.get('set-cookie') ?? '', /HttpOnly; SameSite=Lax/)

  const tenant = await atlas.ask<{ slug: string }>('POST', '/api/v1/tenants', {
    body: { name: 'Quist & Søn', slug: 'quist' },
    headers: { cookie },
  })
  await atlas.ask('POST', '/api/v1/invitations', {
    tenant: tenant.slug,
    body: { email: 'viewer@acme.test', role: 'member' },
    headers: { cookie },
  })
  const invitation = /token=([\w-]+)/.exec(await atlas.mailTo('viewer@acme.test', 'Quist & Søn'))?.[1]
  const stranger = await atlas.request('POST', '/api/v1/invitations/accept', {
    as: 'owner@globex.test',
    body: { token: invitation },
  })
  assert.equal(stranger.status, 403)
  await atlas.ask('POST', '/api/v1/invitations/accept', { as: 'viewer@acme.test', body: { token: invitation } })
  const { items } = await atlas.ask<{ items: { slug: string }[] }>('GET', '/api/v1/tenants', { as: 'viewer@acme.test' })
  assert.deepEqual(items.map(({ slug }) => slug).toSorted(), ['acme', 'quist'])
  const again = await atlas.request('POST', '/api/v1/invitations/accept', {
    as: 'viewer@acme.test',
    body: { token: invitation },
  })
  assert.equal(again.status, 422)
}

async function workWithProject(): Promise<void> {
  const as = 'member@acme.test'
  const tenant = 'acme'
  const project = await atlas.ask<{ id: string; version: number }>('POST', '/api/v1/projects', {
    as,
    tenant,
    body: { name: 'Gripper' },
  })
  const path = `/api/v1/projects/${project.id}`
  const changed = await atlas.request('PATCH', path, {
    as,
    tenant,
    body: { state: 'atRisk' },
    headers: { 'if-match': '"1"' },
  })
  assert.equal(changed.headers.get('etag'), '"2"')
  const stale = await atlas.request('PATCH', path, {
    as,
    tenant,
    body: { state: 'onTrack' },
    headers: { 'if-match': '"1"' },
  })
  assert.equal(stale.status, 412)
  await atlas.ask('DELETE', path, { as, tenant })
  assert.equal((await atlas.request('GET', path, { as, tenant })).status, 404)
  const trash = await atlas.ask<{ items: { id: string }[] }>('GET', '/api/v1/projects?deleted=true', { as, tenant })
  assert.ok(trash.items.some(({ id }) => id === project.id))
  await atlas.ask('POST', `${path}/restore`, { as, tenant })
  const { items } = await atlas.ask<{
    items: {
      event: string
      actor: { name: string }
      before: { state?: string } | null
      after: { state?: string } | null
    }[]
  }>('GET', `/api/v1/audit-events?resourceId=${project.id}`, { as: 'owner@acme.test', tenant })
  assert.deepEqual(
    items.map(({ event }) => event),
    ['project.restored', 'project.deleted', 'project.updated', 'project.created'],
  )
  assert.equal(items[2]?.before?.state, 'planned')
  assert.equal(items[2]?.after?.state, 'atRisk')
  assert.equal(items[0]?.actor.name, 'Priya Raman')
}

async function workWithKey(): Promise<void> {
  const { key } = await atlas.ask<{ key: string }>('POST', '/api/v1/keys', {
    as: 'admin@acme.test',
    tenant: 'acme',
    body: { name: 'Scanner', scopes: ['project:read', 'project:create'] },
  })
  const project = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', {
    as: key,
    body: { name: 'By a program' },
  })
  assert.equal((await atlas.request('GET', `/api/v1/projects/${project.id}`, { as: key })).status, 200)
  assert.equal((await atlas.request('DELETE', `/api/v1/projects/${project.id}`, { as: key })).status, 403)
  assert.equal((await atlas.request('GET', '/api/v1/projects', { as: key, tenant: 'globex' })).status, 403)
  const { items } = await atlas.ask<{ items: { id: string; name: string }[] }>('GET', '/api/v1/keys', {
    as: 'admin@acme.test',
    tenant: 'acme',
  })
  const id = items.find(({ name }) => name === 'Scanner')?.id
  await atlas.ask('DELETE', `/api/v1/keys/${id}`, { as: 'admin@acme.test', tenant: 'acme' })
  assert.equal((await atlas.request('GET', '/api/v1/projects', { as: key })).status, 401)
}

async function keepAnOwner(): Promise<void> {
  const as = 'owner@acme.test'
  const tenant = 'acme'
  const { items } = await atlas.ask<{ items: { id: string; email: string }[] }>('GET', '/api/v1/members', {
    as,
    tenant,
  })
  const idOf = (email: string) => items.find((member) => member.email === email)?.id
  assert.equal((await atlas.request('POST', '/api/v1/members/leave', { as, tenant })).status, 422)
  await atlas.ask('PATCH', `/api/v1/members/${idOf('admin@acme.test')}`, { as, tenant, body: { role: 'owner' } })
  const demotions = await Promise.all([
    atlas.request('PATCH', `/api/v1/members/${idOf('admin@acme.test')}`, { as, tenant, body: { role: 'member' } }),
    atlas.request('PATCH', `/api/v1/members/${idOf('owner@acme.test')}`, {
      as: 'admin@acme.test',
      tenant,
      body: { role: 'member' },
    }),
  ])
  const after = await atlas.ask<{ items: { role: string }[] }>('GET', '/api/v1/members', { as, tenant })
  assert.ok(
    after.items.filter(({ role }) => role === 'owner').length >= 1,
    JSON.stringify(demotions.map(({ status }) => status)),
  )
}

async function refuseToRaise(): Promise<void> {
  const { items } = await atlas.ask<{ items: { id: string; email: string; role: string }[] }>(
    'GET',
    '/api/v1/members',
    { as: 'viewer@acme.test', tenant: 'acme' },
  )
  const owners = items.filter(({ role }) => role === 'owner').map(({ email }) => email)
  const admin = 'member@acme.test'
  const member = items.find(({ email }) => email === admin)
  await atlas.ask('PATCH', `/api/v1/members/${member?.id}`, {
    as: owners[0] as string,
    tenant: 'acme',
    body: { role: 'admin' },
  })
  const raised = await atlas.request('PATCH', `/api/v1/members/${member?.id}`, {
    as: admin,
    tenant: 'acme',
    body: { role: 'owner' },
  })
  assert.equal((raised.body as { code: string }).code, 'role.not_grantable')
  const invited = await atlas.request('POST', '/api/v1/invitations', {
    as: admin,
    tenant: 'acme',
    body: { email: 'friend@example.test', role: 'owner' },
  })
  assert.equal((invited.body as { code: string }).code, 'role.not_grantable')
}
