import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf } from '../database.ts'
import { until } from '../until.ts'
import { Breakable, traceOf, tracesOf } from './breakable.ts'
import { SmtpSink } from './smtp-sink.ts'

/** The server ends: by kill -9, at every point of a write that makes a difference, and by SIGTERM while there is work. */

let atlas: Breakable
before(async () => {
  atlas = await Breakable.make()
})
after(() => atlas.stop())

const nothing = { projects: 0, records: 0, messages: 0, done: 0 }
const everything = { projects: 1, records: 1, messages: 1 }

/** Sends a request whose reply never comes, because the server is killed. */
async function unanswered(path: string, body: object, headers: Record<string, string>): Promise<void> {
  const answer = fetch(`${atlas.server.url}/api/v1${path}`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': newId() },
    body: JSON.stringify(body),
  })
  const answered = await answer.then(
    async (reply) => `${reply.status} ${await reply.text()}`,
    () => undefined,
  )
  assert.equal(answered, undefined, 'the reply never comes')
}

/** Runs work while nobody can write to a table, once somebody waits for it. */
async function whileWaitedFor(url: string, table: string, request: () => Promise<void>, work: () => Promise<void>) {
  await withClient(url, async (client) => {
    await client.query(`begin; lock table ${table} in exclusive mode`)
    const requested = request()
    await until(`somebody waits for ${table}`, async () => {
      const waiting = await rowsOf(url, 'select from pg_locks where not granted and relation = $1::regclass', [table])
      return waiting.length > 0
    })
    await work()
    await client.query('rollback')
    await requested
  })
}

/** Whatever the killed server's sessions still do, they have done it when none is left. */
function untilNobodyIsConnected(): Promise<void> {
  return until('the sessions of the killed server have ended', async () => {
    const left = await rowsOf(atlas.cellUrl, "select from pg_stat_activity where usename ~ '^tenantry_'")
    return left.length === 0
  })
}

describe('a write whose server is killed', () => {
  test('before its commit has left nothing', async () => {
    const session = await atlas.signIn('member@acme.test')
    const request = () => unanswered('/projects', { name: 'Uncommitted' }, session)
    await whileWaitedFor(atlas.cellUrl, 'pool.projects', request, () => atlas.killServer())
    await untilNobodyIsConnected()
    assert.deepEqual(await traceOf(atlas.cellUrl, 'Uncommitted'), nothing)
    await atlas.start()
    assert.deepEqual(await traceOf(atlas.cellUrl, 'Uncommitted'), nothing)
  })

  test('while its commit is under way has left all of it or nothing', async () => {
    const session = await atlas.signIn('member@acme.test')
    const request = () => unanswered('/projects', { name: 'Half-way' }, session)
    await whileWaitedFor(atlas.cellUrl, 'pool.audit_events', request, () => atlas.killServer())
    await untilNobodyIsConnected()
    const { done: _, ...trace } = await traceOf(atlas.cellUrl, 'Half-way')
    const { done: __, ...none } = nothing
    assert.deepEqual(trace, trace.projects === 1 ? everything : none)
    await atlas.start()
  })

  test('after its commit and before its reply is there with record and message, and its handlers run after the start', async () => {
    const session = await atlas.signIn('member@acme.test')
    atlas.proxy.silenceAfter('commit\0', ['Committed, unanswered'])
    const reply = unanswered('/projects', { name: 'Committed, unanswered' }, session)
    await until('it is committed', async () => (await traceOf(atlas.cellUrl, 'Committed, unanswered')).projects === 1)
    await atlas.killServer()
    await reply
    const { done: _, ...trace } = await traceOf(atlas.cellUrl, 'Committed, unanswered')
    assert.deepEqual(trace, everything)
    atlas.proxy.heal()
    await atlas.start()
    await until('its handlers have run', async () => (await traceOf(atlas.cellUrl, 'Committed, unanswered')).done === 1)
    assert.deepEqual(await traceOf(atlas.cellUrl, 'Committed, unanswered'), { ...everything, done: 1 })
  })
})

interface Letter {
  readonly to: string
  readonly text: string
}

async function lettersTo(email: string): Promise<Letter[]> {
  const response = await fetch(`${atlas.server.url}/dev/inbox.json`)
  return ((await response.json()) as { items: Letter[] }).items.filter(({ to }) => to === email)
}

describe('a mail that was promised', () => {
  test('survives: who signed up, or was invited, just before the kill has the mail once after the start', async () => {
    const session = await atlas.signIn('owner@acme.test')
    atlas.proxy.silenceAfter('commit\0', ['newcomer@example.test', 'guest@example.test'])
    const newcomer = { email: 'newcomer@example.test', name: 'A newcomer', password: 'a long enough passphrase' }
    const replies = [
      unanswered('/accounts', newcomer, {}),
      unanswered('/invitations', { email: 'guest@example.test', role: 'viewer' }, session),
    ]
    await until('both are committed', async () => {
      const accounts = await rowsOf(atlas.controlUrl, 'select from identity.users where email = $1', [newcomer.email])
      const guests = await rowsOf(atlas.cellUrl, "select from pool.invitations where email = 'guest@example.test'")
      return accounts.length === 1 && guests.length === 1
    })
    await atlas.killServer()
    await Promise.all(replies)
    atlas.proxy.heal()
    await atlas.start()
    for (const [email, link] of [
      [newcomer.email, '/verify?token='],
      ['guest@example.test', '/invitation?token='],
    ] as const) {
      await until(`the mail to ${email}`, async () => (await lettersTo(email)).length > 0)
      const letters = await lettersTo(email)
      assert.equal(letters.length, 1, email)
      assert.ok(letters[0]?.text.includes(link), letters[0]?.text)
    }
    const waiting = await rowsOf(atlas.controlUrl, 'select name from control.outbox where done_at is null')
    assert.deepEqual(waiting, [])
  })

  test('goes out at least once: killed after the mail server took it, the platform sends it again under the same id', async (t) => {
    const sink = await SmtpSink.start()
    t.after(() => sink.stop())
    await atlas.server.end('SIGTERM')
    await atlas.start({ TENANTRY_SMTP_URL: `smtp://127.0.0.1:${sink.port}` })
    sink.onNextMail(() => atlas.killServer())
    const { url } = atlas.server
    await fetch(`${url}/api/v1/password-resets`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: 'viewer@acme.test' }),
    }).catch(() => undefined)
    await until('the first mail', async () => sink.mails.length === 1)
    await atlas.server.ended
    await atlas.start({ TENANTRY_SMTP_URL: `smtp://127.0.0.1:${sink.port}` })
    await until('the mail again', async () => sink.mails.length === 2)
    const [first, second] = sink.mails.map((mail) => /^Message-ID: (.+)$/im.exec(mail)?.[1])
    assert.ok(first !== undefined && first === second, `${first} and ${second}`)
    await until('nothing waits', async () => {
      const waiting = await rowsOf(atlas.controlUrl, 'select from control.outbox where done_at is null')
      return waiting.length === 0
    })
    assert.equal(sink.mails.length, 2)
    await atlas.server.end('SIGTERM')
    await atlas.start()
  })
})

test('under load, every write that was acknowledged is there once, and every one that is there has its record', async () => {
  const headers = { authorization: `Bearer ${await atlas.makeKey()}`, 'content-type': 'application/json' }
  const { url } = atlas.server
  const acknowledged: string[] = []
  const write = async (client: number) => {
    for (let number = 0; ; number++) {
      const name = `Under load ${client}.${number}`
      const response = await fetch(`${url}/api/v1/projects`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ name }),
      })
      const { id } = (await response.json()) as { id: string }
      assert.equal(response.status, 201)
      acknowledged.push(id)
    }
  }
  const clients = Array.from({ length: 8 }, (_, client) => write(client).catch((error: unknown) => error))
  await until('two hundred are acknowledged', async () => acknowledged.length >= 200)
  await atlas.killServer()
  for (const error of await Promise.all(clients)) assert.ok(error instanceof TypeError, String(error))
  await untilNobodyIsConnected()
  await atlas.start()
  const traces = await tracesOf(atlas.cellUrl, 'Under load ')
  assert.deepEqual(
    acknowledged.filter((id) => !traces.has(id)),
    [],
  )
  assert.deepEqual([...new Set(traces.values())], ['1 record, 1 message'])
  assert.ok(traces.size - acknowledged.length <= clients.length, 'more is there than could have been under way')
  await until('every message is handled', async () => {
    const waiting = await rowsOf(atlas.cellUrl, 'select from pool.outbox where done_at is null limit 1')
    return waiting.length === 0
  })
})

/** What became of a request: a whole reply, no byte of one, or a part. */
type Outcome = { readonly reply: number; readonly id: string | undefined } | { readonly reply: 'none' | 'torn' }

/** Creates a project; over a connection of its own, unless an agent keeps one open. */
function create(name: string, authorization: string, agent: Agent | false): Promise<Outcome> {
  return new Promise((resolve) => {
    const body = JSON.stringify({ name })
    const headers = { authorization, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const asked = request(`${atlas.server.url}/api/v1/projects`, { method: 'POST', agent, headers }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
      response.on('error', () => resolve({ reply: 'torn' }))
      response.on('end', () =>
        resolve({ reply: response.statusCode ?? 0, id: (JSON.parse(text) as { id?: string }).id }),
      )
    })
    asked.on('error', () => resolve({ reply: 'none' }))
    asked.end(body)
  })
}

test('SIGTERM under load: every request gets its whole reply or was never begun, and the server ends in order', async () => {
  const authorization = `Bearer ${await atlas.makeKey()}`
  const errors = async () => (await atlas.logged()).filter(({ level }) => level === 'error').length
  const errorsBefore = await errors()
  const outcomes: Outcome[] = []
  const client = async (number: number) => {
    const agent = number % 2 === 0 ? false : new Agent({ keepAlive: true, maxSockets: 1 })
    for (let count = 0; ; count++) {
      const outcome = await create(`Last ${number}.${count}`, authorization, agent)
      outcomes.push(outcome)
      if (outcome.reply === 'none') break
    }
    if (agent) agent.destroy()
  }
  const clients = Array.from({ length: 16 }, (_, number) => client(number))
  await until('the load runs', async () => outcomes.length > 200)
  const beganAtMs = performance.now()
  const { code } = await atlas.server.end('SIGTERM')
  assert.equal(code, 0)
  assert.ok(performance.now() - beganAtMs < 10_000)
  await Promise.all(clients)

  const replies = new Set(outcomes.map(({ reply }) => reply))
  assert.deepEqual(replies, new Set([201, 'none']))
  const answered = outcomes.flatMap((outcome) => ('id' in outcome && outcome.id ? [outcome.id] : []))
  const traces = await tracesOf(atlas.cellUrl, 'Last ')
  assert.deepEqual([...traces.keys()].toSorted(), answered.toSorted())
  assert.deepEqual([...new Set(traces.values())], ['1 record, 1 message'])
  const left = await rowsOf(atlas.cellUrl, "select usename from pg_stat_activity where usename ~ '^tenantry_'")
  assert.deepEqual(left, [], 'connections are closed, not dropped')
  assert.equal(await errors(), errorsBefore)
})
