import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { type Reply, TestInstallation } from '../installation.ts'

const dayMs = 86_400_000
const inviter = 'owner@acme.test'
const guest = 'staff@tenantry.test'

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())
afterEach(() => advance(0))

/** Sessions of before may have ended by then, so everybody signs in again. */
function advance(days: number): void {
  atlas.clock.aheadMs = days * dayMs
  for (const email of [inviter, guest]) atlas.forgetCookie(email)
}

interface Invited {
  readonly path: string
  readonly tenant: string
  readonly token: string
}

/** Invites the guest into an organisation that was founded for it. */
async function invite(organisation: string): Promise<Invited> {
  const { slug: tenant } = await atlas.ask<{ slug: string }>('POST', '/api/v1/tenants', {
    as: inviter,
    body: { name: organisation },
  })
  const body = { email: guest, role: 'viewer' }
  const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/invitations', { as: inviter, tenant, body })
  return { path: `/api/v1/invitations/${id}`, tenant, token: await mailedToken(organisation) }
}

/** The token of the latest mail, once there is one that is not `known`. */
async function mailedToken(organisation: string, known?: string): Promise<string> {
  for (let tries = 0; tries < 500; tries++) {
    const token = /token=(inv_[\w-]+)/.exec(await atlas.mailTo(guest, organisation))?.[1]
    if (token !== undefined && token !== known) return token
    await wait(10)
  }
  throw new Error(`no other mail came from ${organisation}`)
}

const accept = (token: string) => atlas.request('POST', '/api/v1/invitations/accept', { as: guest, body: { token } })
const codeOf = ({ body }: Reply) => (body as { code: string }).code

test('an invitation holds for seven days', async () => {
  const { token } = await invite('Late Robotics')
  advance(7.01)
  assert.equal(codeOf(await accept(token)), 'invitation.expired')
  const preview = await atlas.ask<{ state: string }>('POST', '/api/v1/invitations/preview', { body: { token } })
  assert.equal(preview.state, 'expired')
})

test('an invitation that is sent again has a new link for seven days more, and its old link is dead', async () => {
  const { path, tenant, token } = await invite('Patient Robotics')
  advance(6)
  await atlas.ask('POST', `${path}/resend`, { as: inviter, tenant })
  const renewed = await mailedToken('Patient Robotics', token)
  assert.equal((await accept(token)).status, 404)
  advance(12)
  assert.equal((await accept(renewed)).status, 200)
})

test('an invitation that was withdrawn opens nothing', async () => {
  const { path, tenant, token } = await invite('Hasty Robotics')
  await atlas.ask('DELETE', path, { as: inviter, tenant })
  assert.equal(codeOf(await accept(token)), 'invitation.closed')
})
