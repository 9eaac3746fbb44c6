import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { TestInstallation } from '../installation.ts'
import { callerOf, goodCall } from './prerequisites.ts'
import { requestFor, smallestInput } from './samples.ts'

/** What replaces something as a whole asks which version the caller has read. */

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

test('every operation that asks for If-Match refuses without it, and with another version, and takes the right one', async () => {
  const asking = atlas.installation.operations.filter(({ ifMatch }) => ifMatch === 'required')
  assert.ok(asking.length >= 5)
  for (const operation of asking) {
    const { input, as = callerOf(operation).as, tenant } = await goodCall(atlas, operation)
    const { method, path, body } = requestFor(operation, { ...smallestInput(operation), ...input })
    const door = operation.permission === 'staff' ? 'console' : 'workspace'
    const send = async (ifMatch: Record<string, string>) => {
      const headers = {
        cookie: await atlas.cookieOf(as, door),
        'content-type': 'application/json',
        ...(door === 'console' ? { 'tenantry-console': '1' } : {}),
        ...(tenant === undefined ? {} : { tenant }),
        ...ifMatch,
      }
      const reply = await fetch(`${atlas.url}${path}`, { method, headers, body: JSON.stringify(body) })
      return { status: reply.status, etag: reply.headers.get('etag') ?? '' }
    }
    assert.equal((await send({})).status, 428, operation.name)
    assert.equal((await send({ 'if-match': '"999"' })).status, 412, operation.name)
    const { status, etag } = await send({ 'if-match': '*' })
    assert.equal(status, operation.status, operation.name)
    assert.equal((await send({ 'if-match': etag })).status, operation.status, `${operation.name} with ${etag}`)
  }
})
