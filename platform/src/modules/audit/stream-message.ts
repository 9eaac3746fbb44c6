import { idNamed } from '#kernel/id'
import type { Chain } from './chain.ts'
import { entryOf } from './export.ts'
import type { SealedEntries } from './store.ts'
import type { LeasedStream, StreamPosition } from './stream-store.ts'

/** What one request to a stream's destination carries. */
export interface StreamMessage {
  /** The same when the same entries are sent again, so that whoever receives them can tell. */
  readonly id: string
  readonly contentType: string
  readonly body: string
  /** Where the stream is once this was accepted. */
  readonly reaches: StreamPosition
}

export const entriesMax = 500
/** A single entry may be larger: it goes alone. */
const bodyBytesMax = 1_000_000

const contentTypes = {
  jsonl: 'application/x-ndjson',
  cloudevents: 'application/cloudevents-batch+json',
} as const

type Destination = Pick<LeasedStream, 'tenantId' | 'id' | 'format'>

/** The next entries of a chain, as many as go into one request. */
export function messageOf(stream: Destination, kind: Chain['kind'], part: SealedEntries): StreamMessage {
  const { seal, sealed, entries } = part
  const texts: string[] = []
  let bytes = 0
  for (const { place, ...entry } of entries) {
    const text = textOf(stream, { ...entryOf(entry), chain: kind, seal, place })
    bytes += Buffer.byteLength(text)
    if (texts.length > 0 && bytes > bodyBytesMax) break
    texts.push(text)
  }
  const first = entries[0]?.place ?? 0
  const last = entries[texts.length - 1]?.place ?? sealed
  // Entries that somebody deleted beside the platform are no reason to wait for them: `audit verify` names them.
  const isWhole = last === sealed || (texts.length === entries.length && entries.length < entriesMax)
  return {
    id: idNamed(`${stream.id} ${kind} ${seal} ${first}`),
    contentType: contentTypes[stream.format],
    body: joined(stream.format, texts),
    reaches: isWhole ? { seal, events: 0 } : { seal: seal - 1, events: last },
  }
}

/** What is sent when somebody asks whether a stream arrives. */
export function testMessageOf(stream: Destination, askedAt: string): Omit<StreamMessage, 'reaches'> {
  const id = idNamed(`${stream.id} test ${askedAt}`)
  const text = textOf(stream, {
    id,
    at: askedAt,
    event: 'auditStream.tested',
    resourceKind: 'auditStream',
    resourceId: stream.id,
  })
  return { id, contentType: contentTypes[stream.format], body: joined(stream.format, [text]) }
}

function joined(format: Destination['format'], texts: readonly string[]): string {
  return format === 'jsonl' ? texts.map((text) => `${text}\n`).join('') : `[${texts.join(',')}]`
}

/** CloudEvents 1.0.2 §3.1: `id` and `source` together name an event once and for all. */
function textOf({ tenantId, format }: Destination, entry: Record<string, unknown>): string {
  if (format === 'jsonl') return JSON.stringify(entry)
  return JSON.stringify({
    specversion: '1.0',
    id: entry['id'],
    source: `/tenants/${tenantId}/audit-events`,
    type: entry['event'],
    subject: entry['resourceId'],
    time: entry['at'],
    tenant: tenantId,
    datacontenttype: 'application/json',
    data: entry,
  })
}
