import { createHash } from 'node:crypto'
import type { Place } from '#kernel/database/session'

/**
 * The audit events of one tenant in one database, sealed batch after batch. The digest of a seal covers its events in
 * their order and the seal before, so that nothing of it can be changed, taken out, put in or cut off unnoticed.
 */
export interface Chain {
  readonly tenantId: string
  /** A tenant has one chain in its cell and one in the control database. */
  readonly kind: 'cell' | 'control'
  readonly place: Place
}

/** An audit event as the digest of its seal covers it. */
export interface CoveredEvent {
  readonly id: string
  readonly at: string
  readonly event: string
  readonly operation: string
  readonly via: string
  readonly actorKind: string
  readonly actorId: string
  readonly resourceKind: string
  readonly resourceId: string
  readonly requestId: string
  /** Stands for the values: they can be erased, and the chain stays whole. */
  readonly valuesDigest: Buffer
  readonly changed: readonly string[] | null
  readonly onBehalfOf: string | null
}

/** In this order. A column that comes later goes to the end: where it is null it changes no digest. */
export const coveredFields = [
  'id',
  'at',
  'event',
  'operation',
  'via',
  'actorKind',
  'actorId',
  'resourceKind',
  'resourceId',
  'requestId',
  'valuesDigest',
  'changed',
  'onBehalfOf',
] as const satisfies readonly (keyof CoveredEvent)[]

export interface SealedBatch {
  /** From 1, without gaps. */
  readonly number: number
  /** Whether nothing that could be seen was left unsealed. */
  readonly complete: boolean
  /** ISO 8601 */
  readonly sealedAt: string
  /** The digest of the seal before. */
  readonly previous: Buffer
  readonly events: readonly CoveredEvent[]
}

/** What stands for the seal before the first. */
export const noDigest = Buffer.alloc(32)

/** SHA-256 of a batch in its place in a chain. Every text ends with NUL, which no text column can hold. */
export function digestOf({ tenantId, kind }: Omit<Chain, 'place'>, batch: SealedBatch): Buffer {
  const { number, complete, sealedAt, previous, events } = batch
  const digest = createHash('sha256')
  const head = ['audit seal', tenantId, kind, number, complete, sealedAt, events.length]
  digest.update(head.map((value) => `${value}\0`).join(''))
  digest.update(previous)
  for (const event of events) digest.update(textOf(event))
  return digest.digest()
}

function textOf(event: CoveredEvent): string {
  return coveredFields
    .map((field) => {
      const value = event[field]
      if (value === null) return ''
      const text = Buffer.isBuffer(value) ? value.toString('hex') : value
      return `${field}=${typeof text === 'string' ? text : JSON.stringify(text)}\0`
    })
    .join('')
}
