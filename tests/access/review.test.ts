import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { until } from '../until.ts'
import { AccessScene, guest, owner } from './scene.ts'

/** Who may do what: everything by which somebody may, for those who look it through and for the files that they keep. */

interface Entry {
  readonly id: string
  readonly kind: string
  readonly principalId: string
  readonly name: string
  readonly roleName: string | null
  readonly permissions: string[]
  readonly conditions: { permission: string }[]
  readonly scopeKind: string
  readonly serviceAccountId: string | null
  readonly givenByName: string | null
  readonly expiresAt: string | null
  readonly lastUsedAt: string | null
}

let scene: AccessScene
before(async () => {
  scene = await AccessScene.make()
})
after(() => scene.atlas.stop())

const review = async (query = '') =>
  (await scene.atlas.ask<{ items: Entry[] }>('GET', `/api/v1/access-review?limit=100${query}`, owner)).items
const part = (query: string) =>
  scene.atlas.ask<{ content: string; entries: number; nextCursor: string | null }>(
    'GET',
    `/api/v1/access-review/export?${query}`,
    owner,
  )

test('the review names whoever may do something, what, where, under which conditions, given by whom and until when', async () => {
  const condition = [{ network: ['192.0.2.0/24'] }]
  const roleId = await scene.role('Auditor', ['project:read', { permission: 'task:read', condition }])
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString()
  const scope = { kind: 'record', resource: 'project', id: await scene.project() }
  const assignmentId = await scene.give(roleId, scope, expiresAt)
  const { id: accountId } = await scene.atlas.ask<{ id: string }>('POST', '/api/v1/service-accounts', {
    ...owner,
    body: { name: 'Bot' },
  })
  const given = { principalId: accountId, roleId }
  await scene.atlas.ask('POST', '/api/v1/assignments', { ...owner, body: given })
  const makeKey = (body: object) => scene.atlas.ask('POST', '/api/v1/keys', { ...owner, body })
  await makeKey({ name: "=cmd|' /C calc'!A0", serviceAccountId: accountId })
  await makeKey({ name: 'Of its own', scopes: ['project:read'] })
  const entries = await review()
  const found = entries.find(({ id }) => id === assignmentId)
  assert.deepEqual(
    [found?.kind, found?.principalId, found?.roleName, found?.scopeKind, found?.expiresAt],
    ['person', scene.guestId, 'Auditor', 'record', expiresAt],
  )
  assert.deepEqual([found?.permissions, found?.conditions.length], [['project:read', 'task:read'], 1])
  const { name: ownerName } = await scene.atlas.ask<{ name: string }>('GET', '/api/v1/me', owner)
  assert.equal(found?.givenByName, ownerName)
  const bot = entries.find(({ kind }) => kind === 'serviceAccount')
  assert.deepEqual([bot?.principalId, bot?.name, bot?.lastUsedAt], [accountId, 'Bot', null])
  const keys = await review('&kind=key')
  const ofAccount = keys.find(({ serviceAccountId }) => serviceAccountId === accountId)
  const ofItsOwn = keys.find(({ serviceAccountId }) => serviceAccountId === null)
  assert.deepEqual([keys.length, ofAccount?.permissions, ofItsOwn?.permissions], [2, [], ['project:read']])
})

test('who asks for something is seen to have been active, to the hour, and who does not is not', async () => {
  const { items } = await scene.atlas.ask<{ items: { email: string; userId: string }[] }>(
    'GET',
    '/api/v1/members',
    owner,
  )
  const idOf = (email: string) => items.find((each) => each.email === email)?.userId
  const usedBy = async (email: string) =>
    (await review('&kind=person')).find(({ principalId }) => principalId === idOf(email))?.lastUsedAt
  assert.equal(await usedBy('member@acme.test'), null)
  await scene.atlas.ask('GET', '/api/v1/tenant', guest)
  await until('the activity is noted, which happens beside the request', async () => (await usedBy(guest.as)) !== null)
  const at = new Date((await usedBy(guest.as)) ?? '')
  assert.deepEqual([at.getUTCMinutes(), at.getUTCSeconds(), Date.now() - at.getTime() < 3_700_000], [0, 0, true])
})

test('the export has every entry once, harmless to spreadsheets, and is on record before it is answered', async () => {
  const entries = await review()
  const { content, nextCursor } = await part('format=jsonl')
  const lines = content
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry)
  assert.deepEqual(lines.map(({ id }) => id).toSorted(), entries.map(({ id }) => id).toSorted())
  assert.equal(nextCursor, null)
  const { content: csv, entries: count } = await part('format=csv')
  assert.equal(count, entries.length)
  assert.ok(csv.startsWith('id,kind,principalId,name,'))
  assert.ok(csv.includes(`,'=cmd|' /C calc'!A0,`), csv)
  assert.equal(await scene.outcome('GET', '/access-review/export?cursor=none', owner), '400 request.invalid')
  const { items } = await scene.atlas.ask<{ items: { after: object }[] }>(
    'GET',
    '/api/v1/audit-events?event=accessReview.exported',
    owner,
  )
  assert.deepEqual(items.map(({ after: what }) => what).at(-1), { format: 'jsonl', entries: entries.length })
  assert.equal(await scene.outcome('GET', '/access-review', guest), '403 request.forbidden')
})
