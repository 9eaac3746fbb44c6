import { type Place, ReadSession, type Session, Transaction } from '#kernel/database/session'
import { systemActor } from '#kernel/database/signed-context'
import type { Signatures } from '#kernel/signature'
import { type Chain, digestOf, noDigest } from './chain.ts'
import * as store from './seal-store.ts'

/** In one seal. Their ids stand in it, 16 bytes each. */
const eventsMax = 1_000
const headsAtOnce = 1_000
const timeoutMs = 30_000

/** Seals what of a chain is committed and waits. Gives the number of events; 0 as well when somebody else is at it. */
export async function sealChain(chain: Chain, signatures: Signatures, sealedAt: string): Promise<number> {
  for (let sealed = 0; ; ) {
    const events = await sealBatch(chain, signatures, sealedAt)
    sealed += events
    if (events < eventsMax) return sealed
  }
}

async function sealBatch(chain: Chain, signatures: Signatures, sealedAt: string): Promise<number> {
  const { tenantId } = chain
  const transaction = writing(chain.place, tenantId)
  try {
    const isOurs = await store.lockChain(transaction, tenantId)
    const last = isOurs ? await store.lastSeal(transaction, tenantId) : undefined
    if (isOurs && !last) await store.noteEarlierEvents(transaction, tenantId)
    const events = isOurs ? await store.unsealedEvents(transaction, tenantId, eventsMax) : []
    if (events.length === 0) {
      await transaction.rollback()
      return 0
    }
    const number = (last?.number ?? 0) + 1
    const complete = events.length < eventsMax
    const digest = digestOf(chain, { number, complete, sealedAt, previous: last?.digest ?? noDigest, events })
    const signature = signatures.sign(digest)
    const eventIds = events.map(({ id }) => id)
    await store.insertSeal(transaction, tenantId, { number, eventIds, complete, digest, signature, sealedAt })
    await transaction.commit([])
    return events.length
  } catch (error) {
    await transaction.rollback()
    throw error
  }
}

/** Carries the heads of a chain to the tenant's other database, so that whoever cuts a chain off has to cut both. */
export async function mirrorHeads({ tenantId, place }: Chain, other: Place): Promise<void> {
  for (;;) {
    const mirrored = await store.lastHeadNumber(reading(other, tenantId), tenantId)
    const heads = await store.sealsAfter(reading(place, tenantId), tenantId, mirrored, headsAtOnce)
    if (heads.length === 0) return
    await inTransaction(other, tenantId, (db) => store.insertHeads(db, tenantId, heads))
  }
}

/** Work of the platform itself, under the tenant's context, in one transaction. */
export async function inTransaction<Result>(
  place: Place,
  tenantId: string,
  work: (db: Session) => Promise<Result>,
): Promise<Result> {
  const transaction = writing(place, tenantId)
  try {
    const result = await work(transaction)
    await transaction.commit([])
    return result
  } catch (error) {
    await transaction.rollback()
    throw error
  }
}

function settingsFor(target: Place, tenantId: string) {
  return { target, identity: { tenantId, actorId: systemActor }, deadlineMs: performance.now() + timeoutMs }
}

function writing(place: Place, tenantId: string): Transaction {
  return new Transaction(settingsFor(place, tenantId))
}

/** Statements of the platform itself, under the tenant's context. */
export function reading(place: Place, tenantId: string): ReadSession {
  return new ReadSession(settingsFor(place, tenantId))
}
