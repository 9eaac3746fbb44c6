import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { newId } from '../../platform/src/kernel/id.ts'
import { Breakable, traceOf } from '../faults/breakable.ts'

/** The server is killed at each step of a write that carries an Idempotency-Key; the caller repeats it after the start. */

let atlas: Breakable
let program: string
before(async () => {
  atlas = await Breakable.make()
  program = await atlas.makeKey()
})
after(() => atlas.stop())

function post(name: string, key: string): Promise<Response> {
  return fetch(`${atlas.server.url}/api/v1/projects`, {
    method: 'POST',
    body: JSON.stringify({ name }),
    headers: { authorization: `Bearer ${program}`, 'idempotency-key': key, 'content-type': 'application/json' },
  })
}

/** By what the server has sent to the database last, before no reply comes any more. */
const steps: Record<string, string> = {
  'before the key is taken': 'begin\0',
  'while the key is taken': 'insert into idempotency_keys',
  'while the change is made': 'insert into projects',
  'after the commit': 'commit\0',
}

describe('a write with a key whose server is killed', () => {
  for (const [step, sent] of Object.entries(steps)) {
    test(`${step} is done once when it is repeated`, async () => {
      const name = `Killed ${step}`
      const key = newId()
      // The statements are sent by name from the second time on: a new server sends their text.
      await atlas.killServer()
      await atlas.start()
      atlas.proxy.silenceAfter(sent)
      const unanswered = assert.rejects(post(name, key))
      await wait(500)
      await atlas.killServer()
      await unanswered
      atlas.proxy.heal()
      await atlas.start()
      const reply = await post(name, key)
      assert.equal(reply.status, 201)
      assert.equal(((await reply.json()) as { name: string }).name, name)
      const { projects, records, messages } = await traceOf(atlas.cellUrl, name)
      assert.deepEqual({ projects, records, messages }, { projects: 1, records: 1, messages: 1 })
      const again = await post(name, key)
      assert.deepEqual([again.status, again.headers.get('idempotency-replayed')], [201, 'true'])
    })
  }
})
