import type { Place } from '#kernel/database/session'
import { valuesDigest } from '#kernel/outbox/record'
import type { Signatures } from '#kernel/signature'
import { type Anchor, isAnchorSigned } from './anchor.ts'
import { type Chain, digestOf, noDigest } from './chain.ts'
import * as store from './seal-store.ts'
import { reading } from './sealing.ts'

/** Something about a chain that cannot have come from the platform. */
export interface Fault {
  /** The seal; absent where it is not about one. */
  readonly seal?: number
  readonly what: string
}

export interface ChainFindings {
  readonly kind: Chain['kind']
  readonly seals: number
  /** In seals. */
  readonly events: number
  /** Events that the next seal will hold. */
  readonly waiting: number
  /** Events whose values were erased: the events themselves stand. */
  readonly erased: number
  /** Events that the tenant's retention has removed, and when it last did. */
  readonly removed: { readonly events: number; readonly at: string } | null
  /** The newest seal: noted elsewhere, it proves later that nothing was cut off. Digest and signature are hexadecimal. */
  readonly head: { readonly number: number; readonly digest: string; readonly signature: string } | null
  /** The first hundred. */
  readonly faults: readonly Fault[]
}

const faultsMax = 100
const sealsAtOnce = 20
const headsAtOnce = 1_000
const strayMax = 10
/**
 * How long after its own time an event can be committed: operations have at most a minute, and clocks of processes differ.
 * What claims to be older than that, and was not in the seal before, has been put in.
 */
const lateMaxMs = 600_000

/**
 * Computes a chain anew and compares: with its signatures, with the events and values that are there, and with the heads
 * that the tenant's other database keeps of it.
 */
export async function verifyChain(
  chain: Chain,
  other: Place | undefined,
  signatures: Signatures,
): Promise<ChainFindings> {
  const verification = new ChainVerification(chain, signatures)
  // Before the chain: it may grow meanwhile.
  if (other) await verification.noteHeads(other)
  await verification.beginAtAnchor()
  await verification.overSeals()
  await verification.overRest()
  return verification.findings
}

class ChainVerification {
  readonly #chain: Chain
  readonly #signatures: Signatures
  readonly #faults: Fault[] = []
  readonly #heads = new Map<number, store.Head>()
  #last: store.Seal | undefined
  /** What stands for the beginning, where that was removed. */
  #anchor: Anchor | undefined
  /** When the last seal was made that left nothing over. */
  #completeAtMs = Number.NEGATIVE_INFINITY
  #seals = 0
  #events = 0
  #waiting = 0
  #erased = 0

  constructor(chain: Chain, signatures: Signatures) {
    this.#chain = chain
    this.#signatures = signatures
  }

  get findings(): ChainFindings {
    const last = this.#last
    return {
      kind: this.#chain.kind,
      seals: this.#seals,
      events: this.#events,
      waiting: this.#waiting,
      erased: this.#erased,
      removed: this.#anchor ? { events: this.#anchor.events, at: this.#anchor.removedAt } : null,
      head: last
        ? { number: last.number, digest: last.digest.toString('hex'), signature: last.signature.toString('hex') }
        : null,
      faults: this.#faults.slice(0, faultsMax),
    }
  }

  #session() {
    return reading(this.#chain.place, this.#chain.tenantId)
  }

  async noteHeads(other: Place): Promise<void> {
    const { tenantId } = this.#chain
    for (let last = 0; ; ) {
      const heads = await store.headsAfter(reading(other, tenantId), tenantId, last, headsAtOnce)
      for (const head of heads) this.#heads.set(head.number, head)
      if (heads.length < headsAtOnce) return
      last = heads.at(-1)?.number ?? last
    }
  }

  /** Heads of seals that were removed may be left, when a process was killed in the middle of it. */
  async beginAtAnchor(): Promise<void> {
    const anchor = await store.lastAnchor(this.#session(), this.#chain.tenantId)
    if (!anchor) return
    if (!isAnchorSigned(this.#chain, anchor, this.#signatures))
      return this.#fault(
        anchor.number,
        'and those before it are said to be removed, which this installation has not signed',
      )
    this.#anchor = anchor
    for (const number of this.#heads.keys()) if (number <= anchor.number) this.#heads.delete(number)
  }

  /** What the next seal covers beside its events. */
  get #previous(): { readonly number: number; readonly digest: Buffer } {
    return this.#last ?? this.#anchor ?? { number: 0, digest: noDigest }
  }

  async overSeals(): Promise<void> {
    const { tenantId } = this.#chain
    for (let last = 0; ; ) {
      const seals = await store.sealsAfter(this.#session(), tenantId, last, sealsAtOnce)
      for (const seal of seals) await this.#overSeal(seal)
      if (seals.length < sealsAtOnce) return
      last = seals.at(-1)?.number ?? last
    }
  }

  async #overSeal(seal: store.Seal): Promise<void> {
    const { number, digest, signature, eventIds } = seal
    if (this.#anchor && number <= this.#anchor.number)
      return this.#fault(number, 'was put back after it had been removed')
    const expected = this.#previous.number + 1
    if (number !== expected)
      this.#fault(expected, `is gone${number > expected + 1 ? `, and so are those up to ${number - 1}` : ''}`)
    if (!this.#signatures.hasSigned(digest, signature)) this.#fault(number, 'is not signed by this installation')
    const head = this.#heads.get(number)
    if (head && !head.digest.equals(digest)) this.#fault(number, 'is not the one that the other database has noted')
    this.#heads.delete(number)
    const found = await store.eventsWithValues(this.#session(), this.#chain.tenantId, eventIds)
    const byId = new Map(found.map((event) => [event.id, event]))
    const events = eventIds.flatMap((id) => byId.get(id) ?? [])
    for (const id of eventIds.filter((each) => !byId.has(each))) this.#fault(number, `its event ${id} is gone`)
    // With the seal before gone, or an event of its own, there is nothing to compute the digest from.
    if (number === expected && events.length === eventIds.length) this.#compareDigest(seal, events)
    for (const event of events) this.#overEvent(seal, event)
    if (seal.complete) this.#completeAtMs = Date.parse(seal.sealedAt)
    this.#seals++
    this.#events += events.length
    this.#last = seal
  }

  #compareDigest(seal: store.Seal, events: readonly store.EventWithValues[]): void {
    const computed = digestOf(this.#chain, { ...seal, previous: this.#previous.digest, events })
    if (computed.equals(seal.digest)) return
    const [first, last] = [events[0], events.at(-1)]
    this.#fault(seal.number, `it, or an event of it (${first?.at} to ${last?.at}), was altered or moved`)
  }

  #overEvent(seal: store.Seal, event: store.EventWithValues): void {
    const { id, at, salt, actorName, address, before, after } = event
    if (salt === null) this.#erased++
    else if (!valuesDigest({ salt, actorName, address, before, after }).equals(event.valuesDigest))
      this.#fault(seal.number, `the values of its event ${id} were altered`)
    if (Date.parse(at) < this.#completeAtMs - lateMaxMs)
      this.#fault(seal.number, `its event ${id} says ${at}, but was put in after that had been sealed`)
  }

  /** What is in no seal, and what is said to be in one that is not there. */
  async overRest(): Promise<void> {
    const { tenantId } = this.#chain
    for (const [number, head] of this.#heads) {
      const isOurs = this.#signatures.hasSigned(head.digest, head.signature)
      this.#fault(number, isOurs ? 'is gone: the other database has noted it' : 'was made up in the other database')
    }
    const { waiting, gone } = await store.waitingEvents(this.#session(), tenantId, strayMax)
    this.#waiting = waiting - gone.length
    for (const id of gone) this.#fault(undefined, `event ${id}, which waited to be sealed, is gone`)
    // Where nothing was ever sealed, what is there was recorded before there were seals.
    const isFounded = this.#last !== undefined || this.#heads.size > 0 || this.#anchor !== undefined
    if (!isFounded) {
      this.#waiting = Math.max(this.#waiting, await store.countEvents(this.#session(), tenantId))
      return
    }
    for (const id of await store.strayEvents(this.#session(), tenantId, strayMax))
      this.#fault(undefined, `event ${id} was put in beside the platform: no seal holds it`)
  }

  #fault(seal: number | undefined, what: string): void {
    this.#faults.push(seal === undefined ? { what } : { seal, what })
  }
}
