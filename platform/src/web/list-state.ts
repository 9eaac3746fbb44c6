import { useNavigate, useSearch } from '@tanstack/react-router'

type Changes = Readonly<Record<string, string | undefined>>

export interface ListState<Sort extends string, Filter extends string> {
  /** What the API is asked for. */
  readonly query: { readonly sort: Sort; readonly cursor?: string; readonly limit: number } & {
    readonly [Name in Filter]?: string
  }
  readonly isFiltered: boolean
  /** Narrows or sorts, from the first page on. */
  readonly set: (changes: Changes) => void
  readonly clear: () => void
  /** To the page with this cursor; absent: to the first. */
  readonly turn: (cursor?: string) => void
}

const rowsPerPage = 25

/** Filters, sort and page of a list, kept in the address: they survive reload and Back, and can be sent to a colleague. */
export function useListState<Sort extends string, Filter extends string = never>(
  startSort: Sort,
  filters: readonly Filter[] = [],
): ListState<Sort, Filter> {
  const address = useAddressState()
  const values = Object.fromEntries(
    filters.flatMap((name) => (address.values[name] === undefined ? [] : [[name, address.values[name]]])),
  ) as { [Name in Filter]?: string }
  const { sort = startSort, cursor } = address.values
  return {
    query: { sort: sort as Sort, limit: rowsPerPage, ...(cursor === undefined ? {} : { cursor }), ...values },
    isFiltered: Object.keys(values).length > 0,
    set: (changes) => address.set({ cursor: undefined, ...changes }),
    clear: () => address.set({ cursor: undefined, ...Object.fromEntries(filters.map((name) => [name, undefined])) }),
    turn: (next) => address.set({ cursor: next }),
  }
}

/** The words after `?` in the address. Undefined or empty takes one away. */
export function useAddressState(): { readonly values: Readonly<Record<string, string>>; set(changes: Changes): void } {
  const values: Record<string, string> = useSearch({ strict: false })
  const navigate = useNavigate()
  return {
    values,
    set(changes) {
      const next = Object.entries({ ...values, ...changes }).filter(([, value]) => value !== undefined && value !== '')
      void navigate({ to: '.', search: Object.fromEntries(next), resetScroll: false })
    },
  }
}
