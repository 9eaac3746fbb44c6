import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import { AuditStreaming, type PlatformStream } from '../../platform/src/audit-streaming.ts'
import { derivedKey } from '../../platform/src/kernel/database/roles.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { requireOperation } from '../../platform/src/kernel/operation.ts'
import { Outbound } from '../../platform/src/kernel/outbound/outbound.ts'
import { newWebhookSecret } from '../../platform/src/kernel/outbound/standard-webhook.ts'
import { sealSecret } from '../../platform/src/modules/audit/public.ts'
import { system } from '../../platform/src/system-session.ts'
import { rowsOf, testSecret } from '../database.ts'
import { blocksIn, page } from '../docs/markdown.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { accepting, assertSigned, Receiver } from './receiver.ts'
import type { Order } from './streaming-process.ts'

/** What is sealed reaches every stream, in order and at least once, whatever becomes of receivers and processes. */

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const elsewhere = { as: 'owner@globex.test', tenant: 'globex' }

interface Stream {
  readonly id: string
  readonly secret: string
  readonly state: string
  readonly waiting: number
  readonly failures: number
  readonly lastError: string | null
  readonly nextAttemptAt: string | null
  readonly testedAt: string | null
  readonly testError: string | null
}

let atlas: TestInstallation
let receiver: Receiver
before(async () => {
  atlas = await TestInstallation.start({ silos: true })
  receiver = await Receiver.start()
})
after(async () => {
  receiver.stop()
  await atlas.stop()
})
beforeEach(async () => {
  await rowsOf(atlas.databases.controlUrl, 'delete from control.audit_streams')
  receiver.received.length = 0
  receiver.inWorkMost = 0
  receiver.answering = accepting
})

const created = (body: object = {}, asking = owner) =>
  atlas.ask<Stream>('POST', '/api/v1/audit-streams', {
    ...asking,
    body: { name: 'SIEM', url: receiver.url, ...body },
  })
const change = (verb: string, { id }: Stream) => atlas.ask<Stream>('POST', `/api/v1/audit-streams/${id}/${verb}`, owner)
const deliver = () => atlas.installation.streaming.deliverDue()

async function streamNow(): Promise<Stream> {
  const { items } = await atlas.ask<{ items: Stream[] }>('GET', '/api/v1/audit-streams', owner)
  assert.ok(items[0])
  return items[0]
}

async function work(names: readonly string[], asking = owner): Promise<void> {
  for (const name of names) await atlas.ask('POST', '/api/v1/projects', { ...asking, body: { name } })
  await atlas.installation.sealing.sealWaiting()
}

/** Lets whoever waits for the next attempt make it. */
const beDue = () =>
  rowsOf(atlas.databases.controlUrl, "update control.audit_streams set due_at = now() - interval '1 s'")

async function sealedIds(asking: typeof owner): Promise<string[]> {
  const { id } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', asking)
  const found =
    'audit_seals s, unnest(event_ids) with ordinality as e (id, place) where tenant_id = $1 order by number, place'
  const control = await rowsOf(atlas.databases.controlUrl, `select e.id from control.${found}`, [id])
  const cell = await rowsOf(atlas.databases.cellUrl, `select e.id from pool.${found}`, [id])
  return [...control, ...cell].map((row) => String(row['id']))
}

function processes(count: number, platform?: PlatformStream): AuditStreaming[] {
  const { databases, gates } = atlas.installation
  return Array.from(
    { length: count },
    () =>
      new AuditStreaming({
        databases,
        tenantOf: (id) => gates.tenantOf(id),
        outbound: new Outbound({ loopback: true }),
        key: derivedKey(testSecret, 'audit streams'),
        platform,
        log: atlas.log,
      }),
  )
}

describe('a stream', () => {
  test('carries every entry of both databases from the first on, in the order of the seals, signed', async () => {
    await work(['One', 'Two', 'Three'])
    const { secret } = await created({ since: 'beginning' })
    await atlas.installation.sealing.sealWaiting()
    await deliver()
    const { entries } = receiver
    assert.deepEqual(
      entries.map(({ id }) => id),
      await sealedIds(owner),
    )
    assert.ok(entries.some(({ chain }) => chain === 'control') && entries.some(({ chain }) => chain === 'cell'))
    assert.ok(entries.some(({ event }) => event === 'auditStream.created'))
    for (const each of receiver.received) assertSigned(each, secret)
    assert.equal(receiver.received[0]?.headers['content-type'], 'application/x-ndjson')
    assert.equal(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size, receiver.received.length)
    assert.equal((await streamNow()).waiting, 0)
  })

  test('begins behind what there was, where nothing else was asked for, and carries CloudEvents', async () => {
    await work(['Before'])
    await created({ format: 'cloudevents' })
    await work(['After'])
    await deliver()
    const events = receiver.received.flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[])
    assert.deepEqual(
      events.map(({ type }) => type),
      ['auditStream.created', 'project.created'],
    )
    const [, event] = events
    assert.equal(receiver.received[0]?.headers['content-type'], 'application/cloudevents-batch+json')
    const { specversion, source, time, data } = event as { data: { after: { name: string }; at: string } } & Record<
      string,
      string
    >
    assert.deepEqual([specversion, data.after.name, time], ['1.0', 'After', data.at])
    assert.match(source ?? '', /^\/tenants\/[\w-]+\/audit-events$/)
  })

  test('goes in parts of at most 500 entries, of large seals too, and goes on where it was', async () => {
    const { id } = await atlas.ask<{ id: string }>('GET', '/api/v1/tenant', elsewhere)
    await created({ since: 'beginning' }, elsewhere)
    await work(['The one that is copied'], elsewhere)
    await rowsOf(
      atlas.databases.cellUrl,
      `set search_path = pool; insert into audit_events select (e).* from (select jsonb_populate_record(e, jsonb_build_object(
        'id', uuidv7(), 'at', now())) as e from audit_events e, generate_series(1, 1200) n
        where tenant_id = '${id}' and event = 'project.created') copies`,
    )
    await atlas.installation.sealing.sealWaiting()
    let requests = 0
    receiver.answering = (reply) => void reply.writeHead(++requests === 3 ? 500 : 200).end()
    await deliver()
    assert.equal(receiver.received.length, 3)
    const refused = receiver.received.pop()
    await beDue()
    await deliver()
    const repeated = receiver.received[2]
    assert.deepEqual([repeated?.headers['webhook-id'], repeated?.body], [refused?.headers['webhook-id'], refused?.body])
    assert.ok(receiver.received.every(({ body }) => body.split('\n').length <= 501))
    assert.deepEqual(
      receiver.entries.map((entry) => entry.id),
      await sealedIds(elsewhere),
    )
  })

  test('waits longer and longer for a receiver that fails, hangs up, redirects or answers nothing, says why, and loses nothing', async () => {
    const stream = await created()
    await work(['Held up'])
    const failing: readonly (readonly [Receiver['answering'], RegExp])[] = [
      [(reply) => void reply.writeHead(500).end('no room'), /^It answered 500: no room$/],
      [(reply) => void reply.writeHead(307, { location: receiver.url }).end(), /^It answered 307\. Redirects/],
      [(reply) => reply.destroy(), /^It could not be reached \(ECONNRESET\)\.$/],
      [(reply) => void reply.writeHead(429, { 'retry-after': '1800' }).end(), /^It answered 429\.$/],
    ]
    let waitedMs = 0
    for (const [index, [answering, reason]] of failing.entries()) {
      receiver.answering = answering
      await deliver()
      const { failures, lastError, nextAttemptAt } = await streamNow()
      assert.equal(failures, index + 1)
      assert.match(lastError ?? '', reason)
      const waitMs = Date.parse(nextAttemptAt ?? '') - Date.now()
      assert.ok(waitMs > waitedMs, `${waitMs} ms`)
      waitedMs = waitMs
      await deliver()
      assert.equal(receiver.received.length, index + 1, 'not before it is due')
      await beDue()
    }
    assert.ok(waitedMs > 1_700_000, 'as long as it was asked for')
    receiver.received.length = 0
    receiver.answering = accepting
    await change('resume', stream)
    await deliver()
    assert.ok(receiver.entries.some(({ event }) => event === 'project.created'))
    const { failures, lastError, nextAttemptAt } = await streamNow()
    assert.deepEqual([failures, lastError, nextAttemptAt], [0, null, null])
  })

  test('that is paused sends nothing until it is resumed, and then what waited', async () => {
    const stream = await created()
    await change('pause', stream)
    await work(['Meanwhile'])
    await deliver()
    assert.equal(receiver.received.length, 0)
    assert.ok((await streamNow()).waiting > 0)
    await change('resume', stream)
    await deliver()
    assert.ok(receiver.entries.some(({ event }) => event === 'project.created'))
  })

  test('is tested without moving, also while it is paused; a failed test is no failure of the stream', async () => {
    const stream = await created()
    await change('pause', stream)
    await change('test', stream)
    await deliver()
    assert.deepEqual(
      receiver.entries.map(({ event }) => event),
      ['auditStream.tested'],
    )
    assert.ok((await streamNow()).testedAt)
    receiver.answering = (reply) => void reply.writeHead(401).end('Invalid token')
    await change('test', stream)
    await deliver()
    const { testError, failures } = await streamNow()
    assert.deepEqual([testError, failures], ['It answered 401: Invalid token', 0])
  })

  test('has a secret that is sealed at rest, shown once, and replaced when somebody asks', async () => {
    const stream = await created()
    const kept = JSON.stringify(await rowsOf(atlas.databases.controlUrl, 'select * from control.audit_streams'))
    assert.ok(!kept.includes(stream.secret.slice(6, 20)))
    const { body } = await atlas.request('GET', '/api/v1/audit-streams', owner)
    assert.ok(!JSON.stringify(body).includes('secret'))
    const { secret } = await change('rotate-secret', stream)
    await work(['Signed anew'])
    await deliver()
    assert.ok(receiver.received[0])
    assertSigned(receiver.received[0], secret)
    assert.throws(() => assertSigned(receiver.received[0] as never, stream.secret))
    const log = await atlas.ask<{ items: unknown[] }>('GET', '/api/v1/audit-events?resource=auditStream', owner)
    assert.ok(!JSON.stringify(log).includes('whsec_') && !JSON.stringify(log).includes(secret.slice(6)))
  })
})

test('a receiver that checks signatures as docs/audit.md shows it takes what comes from here, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-receiver-'))
  const [shown] = blocksIn(page('docs/audit.md')).filter(({ language }) => language === 'ts')
  await writeFile(join(folder, 'receiver.ts'), `${shown?.text}\nexport { isOurs }\n`)
  const { isOurs } = (await import(join(folder, 'receiver.ts'))) as {
    readonly isOurs: (secret: string, headers: object, body: string) => boolean
  }
  const { secret } = await created()
  await work(['Checked'])
  await deliver()
  const [sent] = receiver.received
  assert.ok(sent)
  const { headers, body } = sent
  assert.equal(isOurs(secret, headers, body), true)
  assert.equal(isOurs(secret, headers, `${body} `), false)
  assert.equal(isOurs(newWebhookSecret(), headers, body), false)
  assert.equal(isOurs(secret, { ...headers, 'webhook-timestamp': '1700000000' }, body), false)
  await rm(folder, { recursive: true })
})

test('a stream whose secret was sealed under another secret of the installation says so, and is not sent unsigned', async () => {
  await created()
  await rowsOf(atlas.databases.controlUrl, 'update control.audit_streams set secret = $1', [
    sealSecret(derivedKey('another secret', 'audit streams'), newId(), newWebhookSecret()),
  ])
  await work(['Not sent'])
  await deliver()
  assert.equal(receiver.received.length, 0)
  const { failures, lastError } = await streamNow()
  assert.deepEqual([failures, lastError], [1, 'Its secret cannot be read any more. Give it a new one.'])
})

test('an address that is not of the internet is refused, and so is a sixth stream', async () => {
  for (const url of [
    'http://collector.example.com/',
    'https://10.0.0.1/',
    'https://169.254.169.254/',
    'https://[::ffff:10.0.0.1]/',
  ]) {
    const { status, body } = await atlas.request('POST', '/api/v1/audit-streams', {
      ...owner,
      body: { name: 'SIEM', url },
    })
    assert.deepEqual([status, (body as { errors: { pointer: string }[] }).errors[0]?.pointer], [400, '#/url'], url)
  }
  for (let count = 0; count < 5; count++) await created()
  const sixth = { ...owner, body: { name: 'SIEM', url: receiver.url } }
  assert.equal((await atlas.request('POST', '/api/v1/audit-streams', sixth)).status, 409)
})

test('what belongs to no organisation goes where the installation is configured to send it, and nothing of an organisation', async () => {
  const secret = newWebhookSecret()
  const [configured] = processes(1, { url: receiver.url, secret, format: 'jsonl' })
  const appoint = requireOperation(atlas.installation.operations, 'staff.appoint')
  await atlas.installation.call(appoint, system, { email: 'viewer@acme.test', reason: 'For a test.' })
  await work(['Of an organisation'])
  await configured?.deliverDue()
  assert.ok(!receiver.entries.some(({ event }) => event === 'project.created'))
  assert.ok(receiver.entries.some(({ event }) => event === 'staff.appointed'))
  for (const each of receiver.received) assertSigned(each, secret)
  // Without the setting it waits, and the page of no organisation shows it.
  await processes(1)[0]?.deliverDue()
  const found = await rowsOf(atlas.databases.controlUrl, 'select state, name from control.audit_streams')
  assert.deepEqual(found, [{ state: 'paused', name: 'Platform' }])
  const { items } = await atlas.ask<{ items: Stream[] }>('GET', '/api/v1/audit-streams', owner)
  assert.deepEqual(items, [])
})

test('of processes that deliver at the same moment one does, and each entry arrives once', async () => {
  await created()
  await work(['One', 'Two'])
  receiver.answering = (reply) => void setTimeout(() => reply.writeHead(200).end(), 150)
  await Promise.all(processes(4).map((each) => each.deliverDue()))
  const ids = receiver.entries.map(({ id }) => id)
  assert.ok(ids.length >= 3)
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(receiver.inWorkMost, 1)
})

test('what a process had sent that was killed with -9 before it knew is sent again by another, once its lease is over', async () => {
  await created()
  await work(['Sent twice'])
  const tenant = await atlas.installation.gates.tenantOf('acme')
  assert.ok(tenant)
  const order: Order = { settings: atlas.databases.settings, tenant }
  const program = join(import.meta.dirname, 'streaming-process.ts')
  const child = spawn(process.execPath, ['--conditions=source', program, JSON.stringify(order)], { stdio: 'inherit' })
  // It has accepted the request, and the process does not get to hear of it.
  receiver.answering = () => void child.kill('SIGKILL')
  await once(child, 'close')
  const [sent] = receiver.received.splice(0)
  receiver.answering = accepting
  await deliver()
  assert.equal(receiver.received.length, 0, 'not while it may still be sending')
  await rowsOf(atlas.databases.controlUrl, "update control.audit_streams set leased_until = now() - interval '1 s'")
  await deliver()
  const [again] = receiver.received
  assert.deepEqual([again?.headers['webhook-id'], again?.body], [sent?.headers['webhook-id'], sent?.body])
  assert.ok(receiver.entries.some(({ event }) => event === 'project.created'))
})

test('receivers that do not answer keep nobody else from theirs', async () => {
  const dead = await Receiver.start()
  dead.answering = () => {}
  const ids = Array.from({ length: 40 }, () => newId())
  const key = derivedKey(testSecret, 'audit streams')
  await rowsOf(
    atlas.databases.controlUrl,
    `insert into control.audit_streams (tenant_id, id, name, url, format, secret, state, failures, created_at, test_asked_at)
     select id, id, 'Dead', $1, 'jsonl', secret, 'active', 3, now(), now() from unnest($2::uuid[], $3::text[]) as s (id, secret)`,
    [dead.url, ids, ids.map((id) => sealSecret(key, id, newWebhookSecret()))],
  )
  await created()
  await work(['Not kept'])
  const { streaming } = atlas.installation
  streaming.start()
  await until(
    'the entries to arrive',
    async () => receiver.entries.some(({ event }) => event === 'project.created'),
    5_000,
  )
  assert.ok(dead.inWork > 0 && dead.inWorkMost < 10, `${dead.inWork} of ${dead.inWorkMost}`)
  const beganAtMs = performance.now()
  await streaming.stop()
  assert.ok(performance.now() - beganAtMs < 1_000, 'whoever ends the process is not kept either')
  dead.stop()
})
