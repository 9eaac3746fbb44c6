import type { Database } from '#kernel/database/database'
import type { Place } from '#kernel/database/session'
import { newId } from '#kernel/id'
import { type Outbound, OutboundRefused, type OutboundReply } from '#kernel/outbound/outbound'
import { webhookHeaders } from '#kernel/outbound/standard-webhook'
import { seal, unseal } from '#kernel/sealing'
import type { Chain } from './chain.ts'
import { inTransaction, reading } from './sealing.ts'
import { sealedEntries } from './store.ts'
import { entriesMax, messageOf, type StreamMessage, testMessageOf } from './stream-message.ts'
import * as store from './stream-store.ts'

export interface StreamDeliveryParts {
  readonly control: Database
  /** Where a chain of a tenant is; undefined while the tenant has no place. Throws while that cannot be reached. */
  readonly placeOf: (tenantId: string, kind: Chain['kind']) => Promise<Place | undefined>
  readonly outbound: Outbound
  /** 32 bytes that secrets of streams are sealed with. */
  readonly key: Buffer
  /** Aborted when the process is to end: what is under way then is sent again by another one. */
  readonly signal: AbortSignal
}

/** What came of a turn: everything was delivered or more is due, a destination failed, or a database could not be read. */
export type TurnOutcome = { readonly failed?: string; readonly unread?: unknown }

/** As for webhooks: whoever takes a request accepts it within this. */
const requestTimeoutMs = 15_000
/** After that others get their turn. */
const turnMs = 20_000
const firstWaitMs = 5_000
const longestWaitMs = 3_600_000
const unreadWaitMs = 30_000

const kinds = ['control', 'cell'] as const

/**
 * Delivers what of a stream is due, in the order of its seals. Nobody else delivers it meanwhile, because the turn is leased;
 * the position moves only behind what was accepted, so that a process that is killed between the two leaves something to be
 * sent twice, and nothing to be lost. Undefined when another process has the turn.
 */
export async function deliverTurn(
  parts: StreamDeliveryParts,
  name: store.StreamName,
): Promise<TurnOutcome | undefined> {
  const lease = newId()
  const stream = await change(parts, name, (db) => store.leaseStream(db, name, lease))
  if (!stream) return undefined
  try {
    if (stream.testAskedAt !== null) await sendTest(parts, stream, lease)
    return stream.state === 'active' ? await deliver(parts, stream, lease) : {}
  } finally {
    await change(parts, name, (db) => store.releaseStream(db, name, lease))
  }
}

async function deliver(parts: StreamDeliveryParts, stream: store.LeasedStream, lease: string): Promise<TurnOutcome> {
  const positions = {
    control: { seal: stream.controlSeal, events: stream.controlEvents },
    cell: { seal: stream.cellSeal, events: stream.cellEvents },
  }
  const endMs = performance.now() + turnMs
  let { failures } = stream
  for (const kind of kinds) {
    while (performance.now() < endMs && !parts.signal.aborted) {
      const message = await nextMessage(parts, stream, kind, positions[kind]).catch((error: unknown) => ({ error }))
      if (!message) break
      if ('error' in message) {
        await postpone(parts, stream, lease, { error: '', isTheirs: false, waitMs: unreadWaitMs })
        return { unread: message.error }
      }
      const refusal = await send(parts, stream, message)
      if (parts.signal.aborted && refusal) return {}
      if (refusal) {
        await postpone(parts, stream, lease, {
          error: refusal.error,
          isTheirs: true,
          waitMs: waitMs(failures, refusal),
        })
        return { failed: refusal.error }
      }
      failures = 0
      positions[kind] = message.reaches
      const left = await change(parts, stream, (db) => store.advanceStream(db, stream, lease, kind, message.reaches))
      if (left?.state !== 'active') return {}
    }
  }
  return {}
}

async function nextMessage(
  parts: StreamDeliveryParts,
  stream: store.LeasedStream,
  kind: Chain['kind'],
  position: store.StreamPosition,
): Promise<StreamMessage | undefined> {
  const place = await parts.placeOf(stream.tenantId, kind)
  if (!place) return undefined
  const part = await sealedEntries(reading(place, stream.tenantId), stream.tenantId, position, entriesMax)
  return part && messageOf(stream, kind, part)
}

async function sendTest(parts: StreamDeliveryParts, stream: store.LeasedStream, lease: string): Promise<void> {
  const refusal = await send(parts, stream, testMessageOf(stream, stream.testAskedAt ?? ''))
  if (parts.signal.aborted && refusal) return
  await change(parts, stream, (db) => store.noteTest(db, stream, lease, refusal?.error ?? null))
}

interface Refusal {
  readonly error: string
  readonly retryAfterSeconds?: number | undefined
}

/** Undefined when it was accepted. */
async function send(
  { outbound, key, signal }: StreamDeliveryParts,
  { id, url, secret }: store.LeasedStream,
  message: Pick<StreamMessage, 'id' | 'body' | 'contentType'>,
): Promise<Refusal | undefined> {
  const { body, contentType } = message
  const opened = openSecret(key, id, secret)
  if (opened === undefined) return { error: 'Its secret cannot be read any more. Give it a new one.' }
  // Signed anew each time: receivers refuse what says that it was sent long ago.
  const signed = webhookHeaders(opened, { id: message.id, body, sentAtMs: Date.now() })
  const headers = { 'content-type': contentType, 'user-agent': 'Tenantry', ...signed }
  try {
    return refusalOf(await outbound.post(url, { headers, body, timeoutMs: requestTimeoutMs, signal }))
  } catch (error) {
    return { error: reasonOf(error) }
  }
}

function refusalOf({ status, excerpt, retryAfterSeconds }: OutboundReply): Refusal | undefined {
  if (status >= 200 && status < 300) return undefined
  if (status >= 300 && status < 400) return { error: `It answered ${status}. Redirects are not followed.` }
  const said = excerpt
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 300)
  return { error: said === '' ? `It answered ${status}.` : `It answered ${status}: ${said}`, retryAfterSeconds }
}

function reasonOf(error: unknown): string {
  if (error instanceof OutboundRefused) return error.message
  const { name, code } = error as { name?: string; code?: string }
  if (name === 'AbortError' || name === 'TimeoutError') return `It did not answer within ${requestTimeoutMs / 1_000} s.`
  return `It could not be reached${code === undefined ? '' : ` (${code})`}.`
}

/** 5 s, 10 s, 20 s … an hour, each up to a fifth longer; at least as long as it was asked for, up to an hour. */
function waitMs(failures: number, { retryAfterSeconds = 0 }: Refusal): number {
  const growing = firstWaitMs * 2 ** Math.min(failures, 20) * (1 + Math.random() / 5)
  return Math.min(longestWaitMs, Math.max(growing, retryAfterSeconds * 1_000))
}

function postpone(
  parts: StreamDeliveryParts,
  stream: store.LeasedStream,
  lease: string,
  why: Parameters<typeof store.postponeStream>[3],
) {
  return change(parts, stream, (db) => store.postponeStream(db, stream, lease, why))
}

function change<Result>(
  { control }: StreamDeliveryParts,
  { tenantId }: store.StreamName,
  work: Parameters<typeof inTransaction<Result>>[2],
): Promise<Result> {
  return inTransaction({ database: control }, tenantId, work)
}

/** Undefined when it was sealed with another key: the installation has been given another secret since. */
function openSecret(key: Buffer, streamId: string, sealed: string): string | undefined {
  try {
    return unseal(key, Buffer.from(sealed, 'base64url'), boundTo(streamId)).toString()
  } catch {
    return undefined
  }
}

/** What a stream's secret is kept as, for that stream alone. */
export function sealSecret(key: Buffer, streamId: string, secret: string): string {
  return seal(key, Buffer.from(secret), boundTo(streamId)).toString('base64url')
}

function boundTo(streamId: string): string {
  return `audit stream ${streamId}`
}
