import type { Log } from '../observe/log.ts'
import type { Lease } from './lease.ts'
import type { PermitsTaken, PermitsWanted, RateStore } from './rate-store.ts'

/** A store that answers later is as good as lost: so long a request may wait for a permit, when that begins. */
const answerWithinMs = 1_000
/** While it is lost it is asked again beside the requests, as long as there are any. */
const askedAgainAfterMs = 1_000
const toldEveryMs = 60_000

interface Question {
  readonly leases: Set<Lease>
  /** Settles once the leases know the answer, or the store is lost. Never rejects. */
  readonly answered: Promise<void>
}

/**
 * Asks the store for permits: one question at a time. What is wanted meanwhile goes together in the next, so that a thousand
 * busy tenants take no more round trips than one.
 */
export class SharedPermits {
  readonly #store: RateStore
  readonly #log: Log
  #asked: Question | undefined
  #next: Question | undefined
  #lost = false
  #askedAtMs = 0
  #toldAtMs = Number.NEGATIVE_INFINITY

  constructor(store: RateStore, log: Log) {
    this.#store = store
    this.#log = log
  }

  /** Whether each process counts for itself. */
  get lost(): boolean {
    return this.#lost
  }

  /** `waiting`: how many callers cannot go on without. An answer that is on its way may bring enough for them. */
  fill(lease: Lease, waiting: 0 | 1): Promise<void> {
    if (this.#asked?.leases.has(lease)) return this.#asked.answered
    lease.waiting += waiting
    this.#next ??= this.#prepare()
    this.#next.leases.add(lease)
    return this.#next.answered
  }

  #prepare(): Question {
    const question: Question = {
      leases: new Set(),
      answered: (this.#asked?.answered ?? Promise.resolve()).then(() => this.#ask(question)),
    }
    return question
  }

  async #ask(question: Question): Promise<void> {
    this.#asked = question
    this.#next = undefined
    this.#askedAtMs = performance.now()
    const asked = [...question.leases].map((lease) => ({ lease, wanted: lease.wanted(this.#askedAtMs) }))
    try {
      const taken = await inTime(this.#store.take(asked.map(({ wanted }) => wanted)))
      for (const [index, { lease, wanted }] of asked.entries())
        lease.receive(wanted, taken[index] as PermitsTaken, performance.now())
      if (this.#lost) this.#log.info({}, 'the store of rate limits is back')
      this.#lost = false
    } catch (error) {
      this.#lost = true
      this.#tell(error)
    } finally {
      this.#asked = undefined
    }
  }

  /** Beside a request, while the store is lost: is it back? */
  askAgain(lease: Lease): void {
    if (this.#asked || this.#next || performance.now() < this.#askedAtMs + askedAgainAfterMs) return
    void this.fill(lease, 0)
  }

  /** How these windows stand; undefined when the store does not say. */
  async look(windows: readonly Omit<PermitsWanted, 'wanted'>[]): Promise<PermitsTaken[] | undefined> {
    return inTime(this.#store.take(windows.map((window) => ({ ...window, wanted: 0 })))).catch(() => undefined)
  }

  #tell(error: unknown): void {
    if (performance.now() < this.#toldAtMs + toldEveryMs) return
    this.#toldAtMs = performance.now()
    const policy = 'each process admits what the limits say by itself, and half of that of what is heavy'
    this.#log.error({ alert: true, error, policy }, 'the store of rate limits is lost')
  }

  async close(): Promise<void> {
    await (this.#next ?? this.#asked)?.answered
    await this.#store.close()
  }
}

async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const { promise: late, reject } = Promise.withResolvers<never>()
  const patience = setTimeout(
    () => reject(new Error(`the store of rate limits did not answer within ${answerWithinMs} ms`)),
    answerWithinMs,
  ).unref()
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(patience)
  }
}
