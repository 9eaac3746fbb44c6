import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { newId } from '../../platform/src/kernel/id.ts'
import { type Asking, TestInstallation } from '../installation.ts'

/** Inviting by a file: what each line comes to, before and when it is done. */

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const admin = { as: 'admin@acme.test', tenant: 'acme' }
let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

interface Batch {
  readonly lines: readonly { line: number; email: string; problem: string | null }[]
  readonly invited: number
}

const preview = (csv: string, asking: Asking = owner) =>
  atlas.ask<Batch>('POST', '/api/v1/invitations/batch/preview', { ...asking, body: { csv } })
const invite = (csv: string, asking: Asking = owner) =>
  atlas.ask<Batch>('POST', '/api/v1/invitations/batch', { ...asking, body: { csv } })
const problemsOf = ({ lines }: Batch) => lines.map(({ line, problem }) => `${line} ${problem ?? 'good'}`)
const openInvitations = async () =>
  (await atlas.ask<{ items: { email: string; name: string | null }[] }>('GET', '/api/v1/invitations?limit=100', owner))
    .items

test('every line of a file has its outcome, the same before as when it is done, and only the good ones are invited', async () => {
  const asked = { ...owner, body: { email: 'waiting@example.test', role: 'viewer' } }
  await atlas.ask('POST', '/api/v1/invitations', asked)
  const csv = [
    'Email,Role,Name',
    'ada@example.test,member,"Lovelace, Ada"',
    'nobody,member,',
    'b@example.test,emperor,',
    `c@example.test,member,${'x'.repeat(101)}`,
    "d@example.test,member,=cmd|' /C calc'!A0",
    'ADA@example.test,viewer,',
    'member@acme.test,viewer,',
    'waiting@example.test,viewer,',
    'e@example.test,viewer',
    'f@example.test,admin,Grace',
  ].join('\r\n')
  const expected = ['good', 'email', 'role', 'name', 'formula', 'twice', 'member', 'invited', 'columns', 'good']
  const outcomes = expected.map((problem, index) => `${index + 2} ${problem}`)
  const before = await preview(csv)
  assert.deepEqual([problemsOf(before), before.invited], [outcomes, 2])
  assert.deepEqual((await openInvitations()).length, 1, 'a preview invites nobody')
  const done = await invite(csv)
  assert.deepEqual([problemsOf(done), done.invited], [outcomes, 2])
  const open = await openInvitations()
  assert.deepEqual(open.map(({ email, name }) => `${email} ${name}`).toSorted(), [
    'ada@example.test Lovelace, Ada',
    'f@example.test Grace',
    'waiting@example.test null',
  ])
  assert.match(await atlas.mailTo('ada@example.test', '/invitation?token='), /token=inv_/)
  const again = await invite(csv)
  assert.deepEqual([again.invited, again.lines[0]?.problem], [0, 'invited'])
})

test('nobody invites above themselves, by a file neither', async () => {
  const { lines, invited } = await invite('email,role\nboss@example.test,owner\nhelp@example.test,viewer', admin)
  assert.deepEqual([lines.map(({ problem }) => problem), invited], [['notGrantable', null], 1])
})

test('a file that cannot be used is refused as a whole, with the line', async () => {
  const many = Array.from({ length: 501 }, (_, index) => `p${index}@example.test,viewer`)
  for (const [csv, detail] of [
    ['name\nAda', /^Line 1: /],
    ['email,role,email\n', /^Line 1: /],
    ['email,role', /^Line 2: /],
    ['email,role\na@example.test,"viewer', /^Line 2: A quote/],
    [`email,role\n${many.join('\n')}`, /at most 500/],
  ] as const) {
    const { status, body } = await atlas.request('POST', '/api/v1/invitations/batch', { ...owner, body: { csv } })
    const { code, detail: said } = body as { code: string; detail: string }
    assert.deepEqual([status, code], [422, 'invitation.unreadable_file'])
    assert.match(said, detail)
  }
})

test('500 are invited within a request, by two files at the same moment once each, and by a repeated request once', async () => {
  const emails = Array.from({ length: 500 }, (_, index) => `many${index}@example.test`)
  const csv = ['email,role', ...emails.map((email) => `${email},viewer`)].join('\n')
  const headers = { 'idempotency-key': newId() }
  const ask = (more: Asking) => atlas.request('POST', '/api/v1/invitations/batch', { ...owner, body: { csv }, ...more })
  const replies = await Promise.all([ask({ headers }), ask({ as: admin.as })])
  const invited = replies.map(({ status, body }) => (status === 200 ? (body as Batch).invited : status))
  assert.equal(
    invited.reduce((sum, count) => sum + count, 0),
    500,
    String(invited),
  )
  const repeated = await ask({ headers })
  assert.equal((repeated.body as Batch).invited, invited[0], 'the answer is the one of before')
})
