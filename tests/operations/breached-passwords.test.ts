import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { RangeApi } from '../../platform/src/adapters/breached-passwords/range-api.ts'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { LogLines, TestInstallation } from '../installation.ts'
import { tokenIn } from './mailed-tokens.ts'

/** With a server of leaked passwords: what it knows is refused wherever a password is chosen. */

const leaked = 'plum tractor sings quietly'
const server = createServer((_, reply) => {
  const digest = createHash('sha1').update(leaked).digest('hex').toUpperCase()
  reply.end(`${digest.slice(5)}:12\r\n`)
})
let atlas: TestInstallation
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  atlas = await TestInstallation.start({ breachedPasswords: new RangeApi({ url, log: new LogLines() }) })
})
after(async () => {
  await atlas.stop()
  server.close()
})

test('a leaked password is refused at sign-up, reset and change, on its field; another one is taken', async () => {
  const as = 'viewer@acme.test'
  await atlas.ask('POST', '/api/v1/password-resets', { body: { email: as } })
  const token = tokenIn(await atlas.mailTo(as, '/reset?token='))
  const ways = {
    '#/password': (password: string) =>
      atlas.request('POST', '/api/v1/accounts', { body: { email: 'new@acme.test', name: 'New', password } }),
    '#/newPassword': (newPassword: string) =>
      atlas.request('PUT', '/api/v1/me/password', { as, body: { currentPassword: demoPassword, newPassword } }),
  }
  const reset = (password: string) =>
    atlas.request('POST', '/api/v1/password-resets/complete', { body: { token, password } })
  for (const [pointer, choose] of [...Object.entries(ways), ['#/password', reset] as const]) {
    const { status, body } = await choose(leaked)
    const { code, errors } = body as { code: string; errors: { pointer: string; code: string }[] }
    assert.deepEqual(
      [status, code, errors[0]?.pointer, errors[0]?.code],
      [422, 'identity.password_weak', pointer, 'common'],
    )
  }
  assert.equal((await reset('plum tractors sing loudly')).status, 204, 'the link was not used up')
})
