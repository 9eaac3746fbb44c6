/**
 * What this process is carrying out at the moment, by name. Whoever comes with the same name waits here and not in the
 * database, where fifty of them would hold fifty connections. Other processes it knows nothing of: there the database waits.
 */
export class InFlight {
  readonly #ends = new Map<string, Promise<void>>()

  /** Runs work unless the same is under way; then it waits for that first. Undefined when it waited `patienceMs` in vain. */
  async alone<Result>(name: string, patienceMs: number, work: () => Promise<Result>): Promise<Result | undefined> {
    const giveUpAtMs = performance.now() + patienceMs
    for (let other = this.#ends.get(name); other; other = this.#ends.get(name)) {
      const leftMs = giveUpAtMs - performance.now()
      if (leftMs <= 0 || !(await endsWithin(other, leftMs))) return undefined
    }
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#ends.set(name, promise)
    try {
      return await work()
    } finally {
      this.#ends.delete(name)
      resolve()
    }
  }
}

async function endsWithin(other: Promise<void>, ms: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), ms)
  const ended = other.then(() => true)
  try {
    return await Promise.race([ended, promise])
  } finally {
    clearTimeout(timer)
  }
}
