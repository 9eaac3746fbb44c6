import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { begunRecovery, recoveryToken } from './mailed-tokens.ts'
import { addPasskey, askForSecondFactor, proofOf, setUpSecondFactor } from './second-factor.ts'

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

const hourMs = 3_600_000
const codeOf = ({ body }: { body: unknown }) => (body as { code?: string }).code
const stateIn = ({ body }: { body: unknown }) => (body as { state?: string }).state
const signIn = (email: string) => atlas.request('POST', '/api/v1/sessions', { body: { email, password: demoPassword } })
const post = (path: string, body: object) => atlas.request('POST', `/api/v1/account-recoveries${path}`, { body })
const meAs = async (as: string) => (await atlas.request('GET', '/api/v1/me', { as })).status

test('whoever has lost everything signs in with the password alone after 72 hours, and not before', async () => {
  const as = 'viewer@acme.test'
  await setUpSecondFactor(atlas, as)
  await addPasskey(atlas, as)
  const token = await recoveryToken(atlas, as)
  assert.equal(stateIn(await signIn(as)), 'second_factor_required', 'asking changes nothing')
  assert.equal((await post('/begin', { token })).status, 204)
  assert.equal(codeOf(await post('/begin', { token })), 'identity.mail_token_invalid')
  assert.match(await atlas.mailTo(as, '/cancel-recovery?token='), /UTC the second factors of your account are removed/)
  atlas.clock.aheadMs += 72 * hourMs - 60_000
  assert.equal(stateIn(await signIn(as)), 'second_factor_required')
  assert.equal(await meAs(as), 200, 'a session of before')
  atlas.clock.aheadMs += 60_000
  const recovered = await signIn(as)
  assert.equal(stateIn(recovered), 'signed_in')
  assert.equal(await meAs(as), 401, 'all sessions have ended')
  atlas.keepCookie(as, recovered.headers)
  const left = await atlas.ask('GET', '/api/v1/me/second-factor', { as })
  assert.deepEqual(left, { enabledAt: null, authenticatorAt: null, passkeys: 0, recoveryCodesLeft: 0 })
  await atlas.mailTo(as, 'Your account was recovered')
})

test('a sign-in with a second factor cancels it, and so does the link of the notice', async () => {
  type Added = Awaited<ReturnType<typeof addPasskey>>
  const ways: Record<string, (added: Added, token: string) => Promise<{ status: number }>> = {
    'member@acme.test': async ({ passkey }) =>
      atlas.request('POST', '/api/v1/sessions/passkey', { body: { passkey: await proofOf(atlas, passkey) } }),
    'admin@acme.test': async ({ recoveryCodes: [code] }) => {
      await askForSecondFactor(atlas, 'admin@acme.test')
      return atlas.request('POST', '/api/v1/sessions/verify', { as: 'admin@acme.test', body: { code } })
    },
    'owner@acme.test': (_, token) => post('/cancel', { token }),
  }
  for (const [as, way] of Object.entries(ways)) {
    const added = await addPasskey(atlas, as)
    const token = await begunRecovery(atlas, as)
    assert.ok((await way(added, token)).status < 300, as)
    assert.equal(codeOf(await post('/cancel', { token })), 'identity.mail_token_invalid', 'nothing is left of it')
    await atlas.mailTo(as, 'The recovery of your account was cancelled')
  }
  atlas.clock.aheadMs += 73 * hourMs
  for (const as of Object.keys(ways)) assert.equal(stateIn(await signIn(as)), 'second_factor_required')
})

test('an address without an account, or without a second factor, answers alike and gets no mail', async () => {
  const unconcerned = ['nobody@acme.test', 'owner@globex.test']
  for (const email of unconcerned) {
    const reply = await post('', { email })
    assert.deepEqual([reply.status, reply.body], [202, { sentTo: email }])
  }
  await recoveryToken(atlas, 'member@acme.test')
  assert.ok(!atlas.inbox.delivered.some(({ to, text }) => unconcerned.includes(to) && text.includes('/begin-recovery')))
})

test('whoever does not come back loses factors and sessions all the same, once a day, and it is on record', async () => {
  const as = 'owner@globex.test'
  await addPasskey(atlas, as)
  await begunRecovery(atlas, as)
  const { controlUrl } = atlas.databases
  // What runs once a day runs when the clock has come to another day.
  atlas.clock.aheadMs += 96 * hourMs
  await atlas.mailTo(as, 'Your account was recovered')
  atlas.installation.gates.forget()
  assert.equal(await meAs(as), 401)
  const events = await rowsOf(controlUrl, "select event from control.audit_events where event like 'account.recovery%'")
  const said = new Set(events.map(({ event }) => String(event).replace(/^\w+\.recovery/, '')))
  assert.deepEqual([...said].toSorted(), ['Begun', 'Cancelled', 'Completed', 'Requested'])
})

test('a sign-in while the daily job completes it waits for that, and goes on without a second factor', async () => {
  const as = 'staff@tenantry.test'
  await addPasskey(atlas, as)
  await begunRecovery(atlas, as)
  atlas.clock.aheadMs += 71 * hourMs
  const job = new pg.Client(atlas.databases.controlUrl)
  await job.connect()
  await job.query('begin')
  const { rows } = await job.query(
    'delete from identity.account_recoveries r using identity.users u where u.id = r.user_id and u.email = $1 returning u.id',
    [as],
  )
  assert.equal(rows.length, 1)
  atlas.clock.aheadMs += 2 * hourMs
  const signingIn = signIn(as)
  await until('it waits', async () => {
    const waiting = await rowsOf(
      atlas.databases.controlUrl,
      "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
    )
    return waiting.length > 0
  })
  for (const table of ['passkeys', 'authenticators', 'recovery_codes'])
    await job.query(`delete from identity.${table} where user_id = $1`, [rows[0].id])
  await job.query('commit')
  await job.end()
  assert.equal(stateIn(await signingIn), 'signed_in')
})
