import type { Database } from './database.ts'
import type { Outbox, Target } from './session.ts'

/**
 * Connections of this process to silos, all together: the silo used longest ago gives up its own first. When more silos
 * are busy than fit, each request connects anew, at a twentieth of the speed: then another process is due.
 */
const connectionsMax = 120
/** An outbox that nobody nudged is looked into this often: what a process left that was killed after its commit. */
const sweepEveryMs = 60_000
const sweptAtOnce = 5
/** Who is neither used nor named as being there for so long is somewhere else by now, or gone. */
const forgottenAfterMs = 1_800_000

interface Silo {
  readonly target: Target
  readonly databases: readonly Database[]
  sweptAtMs: number
  usedAtMs: number
}

/** The databases of single tenants that this process has to do with; the one used last is at the end. */
export class Silos {
  readonly #silos = new Map<string, Silo>()

  /** The target of a silo under this key, opened when it is not known yet. */
  targetOf(key: string, open: () => { serving: Database; relay: Database }): Target {
    const silo = this.#silos.get(key) ?? opened(open())
    silo.usedAtMs = performance.now()
    this.#silos.delete(key)
    this.#silos.set(key, silo)
    const { idle } = silo.target.database.connections
    if (idle === 0) this.#makeRoom(silo)
    return silo.target
  }

  /** Called when a connection is about to be opened. A session that holds the target of a resting silo still may use it. */
  #makeRoom(wanting: Silo): void {
    let open = 0
    for (const { databases } of this.#silos.values()) open += openConnections(databases)
    for (const silo of this.#silos.values()) {
      if (open < connectionsMax || silo === wanting) return
      open -= openConnections(silo.databases)
      for (const database of silo.databases) database.rest()
    }
  }

  /** Closes its connections as they come back, and looks into its outbox no more. Who holds its target still may use it. */
  forget(key: string): void {
    const silo = this.#silos.get(key)
    this.#silos.delete(key)
    for (const database of silo?.databases ?? []) database.rest()
  }

  /** A few outboxes that have not been looked into for a while. */
  outboxesToSweep(): Outbox[] {
    const nowMs = performance.now()
    for (const [key, { usedAtMs }] of this.#silos) if (usedAtMs < nowMs - forgottenAfterMs) this.forget(key)
    const due = [...this.#silos.values()].filter(({ sweptAtMs }) => sweptAtMs < nowMs - sweepEveryMs)
    return due.slice(0, sweptAtOnce).map((silo) => {
      silo.sweptAtMs = nowMs
      return silo.target.outbox
    })
  }

  async end(): Promise<void> {
    const databases = [...this.#silos.values()].flatMap((silo) => silo.databases)
    await Promise.all(databases.map((database) => database.end()))
  }
}

function opened({ serving, relay }: { serving: Database; relay: Database }): Silo {
  const target = { database: serving, outbox: { name: serving.name, database: relay } }
  return { target, databases: [serving, relay], sweptAtMs: Number.NEGATIVE_INFINITY, usedAtMs: performance.now() }
}

function openConnections(databases: readonly Database[]): number {
  return databases.reduce((sum, database) => sum + database.connections.open, 0)
}
