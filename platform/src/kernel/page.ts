import type { Cursors } from './cursor.ts'
import { Failure } from './errors/failure.ts'
import { invalid } from './errors/platform-failures.ts'
import type { Operation, Page, PageOf } from './operation.ts'

/** What a list was asked for, after validation: page and sort, and the filters beside them. */
interface Asked extends Record<string, unknown> {
  limit: number
  sort: string
  cursor?: string
  deleted?: boolean
}

/**
 * Pages of lists. A cursor says where the page before ended (sort value and id of its last row); it is signed, and bound
 * to tenant, operation, sort and filters, so that it is worth nothing anywhere else.
 */
export class Pages {
  readonly #cursors: Cursors

  constructor(cursors: Cursors) {
    this.#cursors = cursors
  }

  /** Splits a list's input into the page and the filters. Throws `request.invalid` for a cursor that is not of this list. */
  read(tenantId: string, operation: Operation, asked: Asked): { page: Page; filter: Record<string, unknown> } {
    const { limit, sort, cursor, deleted = false, ...filter } = asked
    const descending = sort.startsWith('-')
    const field = descending ? sort.slice(1) : sort
    const after = cursor === undefined ? undefined : this.#open(cursor, this.#scope(tenantId, operation, asked))
    return { page: { limit, sort: { field, descending }, after, deleted }, filter }
  }

  /** Cuts the row too many off and names the place where the next page begins. */
  write(tenantId: string, operation: Operation, asked: Asked, rows: Record<string, unknown>[]): PageOf<unknown> {
    const items = rows.slice(0, asked.limit)
    const last = items.at(-1)
    if (rows.length <= asked.limit || !last) return { items, nextCursor: null }
    const place = JSON.stringify([String(last[asked.sort.replace(/^-/, '')]), last['id']])
    return { items, nextCursor: this.#cursors.seal(place, this.#scope(tenantId, operation, asked)) }
  }

  #scope(tenantId: string, operation: Operation, asked: Asked): string {
    const facts = Object.entries(asked)
      .filter(([name]) => name !== 'limit' && name !== 'cursor')
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
    return JSON.stringify([tenantId, operation.name, facts])
  }

  #open(cursor: string, scope: string): { value: string; id: string } {
    const place = this.#cursors.open(cursor, scope)
    if (place === undefined) {
      const detail = 'This cursor belongs to another list, sort or filter. Start from the first page.'
      throw new Failure(invalid, { errors: [{ pointer: '#/query/cursor', code: 'cursor', detail }] })
    }
    const [value, id] = JSON.parse(place) as [string, string]
    return { value, id }
  }
}
