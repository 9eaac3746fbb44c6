import type { Cell } from '#kernel/database/cell'
import { raw, sql, statementOf } from '#kernel/database/statement'
import type { Log } from '#kernel/observe/log'
import { withConnection } from '#kernel/outbox/outbox-connection'

interface Place {
  /** Schema or database, named after its tenant. */
  readonly place: string
  /** Rows that were ever inserted there, in all databases of a silo. */
  readonly inserted: string
}

interface Seen extends Pick<Place, 'inserted'> {
  /** Whether that had grown since the look before. */
  readonly hasGrown: boolean
}

/**
 * Which tenants with a place of their own were written for, by whatever process, and are at rest now. PostgreSQL counts that
 * anyway: one look at its statistics covers every schema of a cell, and another every database of its server, without
 * touching any of them. The counts of a connection are there at its end, or ten seconds after its last statement.
 */
export class WrittenPlaces {
  readonly #seenIn = new Map<Cell, ReadonlyMap<string, Seen>>()
  readonly #log: Log

  constructor(log: Log) {
    this.#log = log
  }

  /** Tenants that somebody wrote for before the last look, and nobody after it. The first look finds none. */
  async atRest(cells: readonly Cell[]): Promise<string[]> {
    const found = await Promise.all(
      cells.map((cell) =>
        this.#look(cell).catch((error: unknown) => {
          this.#log.warn({ error, cell: cell.name }, 'who was written for in a cell could not be seen')
          return []
        }),
      ),
    )
    return [...new Set(found.flat())]
  }

  async #look(cell: Cell): Promise<string[]> {
    const places = await withConnection(cell.relay, async (connection) => {
      const [reply] = await connection.send([statementOf(writtenSql)])
      return (reply?.rows ?? []) as unknown as Place[]
    })
    const before = this.#seenIn.get(cell)
    const seen = new Map<string, Seen>()
    const atRest: string[] = []
    for (const { place, inserted } of places) {
      const last = before?.get(place)
      const hasGrown = before !== undefined && inserted !== last?.inserted
      seen.set(place, { inserted, hasGrown })
      if (last?.hasGrown && !hasGrown) atRest.push(tenantOf(place))
    }
    this.#seenIn.set(cell, seen)
    return atRest
  }
}

const isHex = raw("'_[0-9a-f]{32}$'")

const writtenSql = sql`
  select n.nspname as place, pg_stat_get_tuples_inserted(c.oid)::text as inserted
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relname = 'audit_unsealed' and c.relkind = 'r' and n.nspname ~ ('^t' || ${isHex})
  union all
  select datname, tup_inserted::text from pg_stat_database where datname ~ ('^tenantry_silo' || ${isHex})`

function tenantOf(place: string): string {
  const hex = place.slice(-32)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
