import type { Ctx } from '#kernel/context'
import { invalid, notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { OutboundRefused, outbound } from '#kernel/outbound/outbound'
import { newWebhookSecret } from '#kernel/outbound/standard-webhook'
import { id, z } from '#kernel/schema'
import * as events from './events.ts'
import { tooManyStreams } from './failures.ts'
import { streamKey } from './ports.ts'
import { sealSecret } from './stream-delivery.ts'
import { AuditStream, NewAuditStream, StreamFormat, StreamName, StreamUrl } from './stream-model.ts'
import * as store from './stream-store.ts'

const streamsMax = 5

export const listAuditStreams = list({
  name: 'auditStreams.list',
  summary: 'List where the audit log is streamed to, and how far each stream has come',
  http: 'GET /audit-streams',
  item: AuditStream,
  sort: ['createdAt', 'name'],
  permission: 'audit:stream',
  target: 'control',
  run: (ctx, page) => store.listStreams(ctx, page),
})

export const createAuditStream = operation({
  name: 'auditStreams.create',
  summary: 'Stream the audit log to an address, such as a SIEM',
  description:
    'Every entry is sent at least once, in the order of its seals, in signed requests of up to 500 (Standard Webhooks). What is not answered with 2xx within 15 seconds is sent again, later and later, up to an hour apart, until it is. The secret is in this answer only.',
  http: 'POST /audit-streams',
  input: {
    name: StreamName,
    url: StreamUrl,
    format: StreamFormat.default('jsonl'),
    since: z.enum(['now', 'beginning']).default('now').describe('With which entry it begins: the next, or the first.'),
  },
  output: NewAuditStream,
  permission: 'audit:stream',
  target: 'control',
  errors: [invalid, tooManyStreams],
  emits: [events.auditStreamCreated],
  stepUp: true,

  async run(ctx, { name, url, format, since }) {
    checkUrl(ctx, url)
    if ((await store.countStreams(ctx)) >= streamsMax) ctx.fail(tooManyStreams)
    const [streamId, secret] = [ctx.newId(), newWebhookSecret()]
    const sealed = sealSecret(ctx.port(streamKey), streamId, secret)
    const fromNow = since === 'now'
    const record = await store.insertStream(ctx, { id: streamId, name, url, format, secret: sealed, fromNow })
    ctx.record(events.auditStreamCreated, { after: recorded(record) })
    return { ...record, secret }
  },
})

export const updateAuditStream = operation({
  name: 'auditStreams.update',
  summary: 'Change a stream: its name, its address, its format',
  http: 'PATCH /audit-streams/{id}',
  input: { id: id(), name: StreamName.optional(), url: StreamUrl.optional(), format: StreamFormat.optional() },
  output: AuditStream,
  permission: 'audit:stream',
  target: 'control',
  errors: [invalid, notFound],
  emits: [events.auditStreamUpdated],
  stepUp: true,

  async run(ctx, { id: streamId, ...changes }) {
    if (changes.url !== undefined) checkUrl(ctx, changes.url)
    const before = (await store.findStream(ctx, streamId)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const { name = before.name, url = before.url, format = before.format } = changes
    const after = (await store.writeStream(ctx, streamId, { name, url, format })) ?? ctx.fail(notFound)
    ctx.record(events.auditStreamUpdated, { before: recorded(before), after: recorded(after) })
    return after
  },
})

export const rotateAuditStream = operation({
  name: 'auditStreams.rotateSecret',
  summary: 'Give a stream a new secret',
  description: 'Requests are signed with it from the next one on. The secret is in this answer only.',
  http: 'POST /audit-streams/{id}/rotate-secret',
  status: 200,
  input: { id: id() },
  output: NewAuditStream,
  permission: 'audit:stream',
  target: 'control',
  errors: [notFound],
  emits: [events.auditStreamRotated],
  stepUp: true,

  async run(ctx, { id: streamId }) {
    const secret = newWebhookSecret()
    const sealed = sealSecret(ctx.port(streamKey), streamId, secret)
    const after = (await store.writeSecret(ctx, streamId, sealed)) ?? ctx.fail(notFound)
    ctx.record(events.auditStreamRotated, { after: recorded(after) })
    return { ...after, secret }
  },
})

export const pauseAuditStream = operation({
  name: 'auditStreams.pause',
  summary: 'Pause a stream',
  description: 'Entries wait, and are sent once it is resumed.',
  http: 'POST /audit-streams/{id}/pause',
  status: 200,
  input: { id: id() },
  output: AuditStream,
  permission: 'audit:stream',
  target: 'control',
  errors: [notFound],
  emits: [events.auditStreamPaused],
  stepUp: true,

  async run(ctx, { id: streamId }) {
    const { before, after } = await changeState(ctx, streamId, 'paused')
    ctx.record(events.auditStreamPaused, { before: recorded(before), after: recorded(after) })
    return after
  },
})

export const resumeAuditStream = operation({
  name: 'auditStreams.resume',
  summary: 'Let a stream go on, or try again at once',
  http: 'POST /audit-streams/{id}/resume',
  status: 200,
  input: { id: id() },
  output: AuditStream,
  permission: 'audit:stream',
  target: 'control',
  errors: [notFound],
  emits: [events.auditStreamResumed],

  async run(ctx, { id: streamId }) {
    const { before, after } = await changeState(ctx, streamId, 'active')
    ctx.record(events.auditStreamResumed, { before: recorded(before), after: recorded(after) })
    return after
  },
})

export const testAuditStream = operation({
  name: 'auditStreams.test',
  summary: 'Send a test event to a stream',
  description:
    'It is sent within seconds, also while the stream is paused; `testedAt` and `testError` of the stream say what came of it. It changes nothing else about the stream.',
  http: 'POST /audit-streams/{id}/test',
  status: 202,
  input: { id: id() },
  output: AuditStream,
  permission: 'audit:stream',
  target: 'control',
  errors: [notFound],
  emits: [events.auditStreamTested],

  async run(ctx, { id: streamId }) {
    const after = (await store.askForTest(ctx, streamId)) ?? ctx.fail(notFound)
    ctx.record(events.auditStreamTested, { before: recorded(after), after: recorded(after) })
    return after
  },
})

export const deleteAuditStream = operation({
  name: 'auditStreams.delete',
  summary: 'Delete a stream',
  http: 'DELETE /audit-streams/{id}',
  input: { id: id() },
  permission: 'audit:stream',
  target: 'control',
  errors: [notFound],
  emits: [events.auditStreamDeleted],
  stepUp: true,

  async run(ctx, { id: streamId }) {
    const deleted = (await store.deleteStream(ctx, streamId)) ?? ctx.fail(notFound)
    ctx.record(events.auditStreamDeleted, { before: recorded(deleted) })
  },
})

async function changeState(ctx: Ctx, streamId: string, state: 'active' | 'paused') {
  const before = (await store.findStream(ctx, streamId)) ?? ctx.fail(notFound)
  ctx.expectVersion(before.version)
  return { before, after: (await store.writeState(ctx, streamId, state)) ?? ctx.fail(notFound) }
}

function checkUrl(ctx: Ctx, url: string): void {
  try {
    ctx.port(outbound).check(url)
  } catch (error) {
    if (!(error instanceof OutboundRefused)) throw error
    ctx.fail(invalid, { errors: [{ pointer: '#/url', code: 'address', detail: error.message }] })
  }
}

/** What somebody has chosen; how far it has come belongs to no record. Tokens of collectors are often in the query. */
function recorded({ id: streamId, name, url, format, state }: store.StreamRecord) {
  return { id: streamId, name, url: url.replace(/\?.*/, '?…'), format, state }
}
