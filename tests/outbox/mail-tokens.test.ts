import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exchange } from '../bad-input/wire.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'

/** Links in mails, and what is left of them. */

const email = 'newcomer@example.test'
const link = '/verify?token='

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

test('a link leads to the configured address, whatever host the request named', async () => {
  const body = JSON.stringify({ email, name: 'A newcomer', password: 'a long enough passphrase' })
  const head = `POST /api/v1/accounts HTTP/1.1\r\nHost: evil.example\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`
  const [reply] = await exchange(Number(new URL(atlas.url).port), `${head}\r\n\r\n${body}`)
  assert.equal(reply?.status, 202)
  const mail = await atlas.mailTo(email, link)
  assert.match(mail, /^http:\/\/127\.0\.0\.1\/verify\?token=/m)
  assert.ok(!mail.includes('evil.example'))
})

test('a token is wiped from the outbox once its mail is out', async () => {
  const token = (await atlas.mailTo(email, link)).split(link)[1]?.split(/\s/)[0] ?? ''
  assert.match(token, /^[\w-]{20,}$/)
  const holding = () =>
    rowsOf(atlas.databases.controlUrl, 'select id from control.outbox where strpos(payload::text, $1) > 0', [token])
  for (let tries = 0; (await holding()).length > 0; tries++) assert.ok(tries < 500, 'the outbox still has the token')
  const sent = await rowsOf(
    atlas.databases.controlUrl,
    "select payload from control.outbox where name = 'mail.send' and done_at is not null",
  )
  assert.ok(sent.length > 0)
  for (const { payload } of sent) assert.deepEqual(payload, {})
})
