import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Pager } from '#ui/pager.tsx'
import { ErrorState, NoMatchState } from '#ui/states.tsx'
import { type Column, Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { problemOf } from './api.ts'
import type { ListState } from './list-state.ts'

export interface ListViewProps<Row> {
  readonly caption: string
  readonly state: ListState<string, string>
  readonly result: UseQueryResult<{ items: readonly Row[]; nextCursor: string | null }>
  readonly columns: readonly Column<Row>[]
  readonly rowKey: (row: Row) => string
  readonly openKey?: string | undefined
  /** Said when there is nothing at all; with filters set it is "nothing matches". */
  readonly empty: ReactNode
}

/** A page of a list in each of its states: being loaded, failed, empty, nothing that matches, filled. */
export function ListView<Row>({ caption, state, result, columns, rowKey, openKey, empty }: ListViewProps<Row>) {
  const t = useText()
  const { data, error, refetch } = result
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (data?.items.length === 0 && state.query.cursor === undefined) {
    return state.isFiltered ? <NoMatchState title={t('shell.noMatch')} onClear={state.clear} /> : empty
  }
  const { nextCursor } = data ?? {}
  return (
    <>
      <Table
        caption={caption}
        columns={columns}
        rows={data?.items}
        rowKey={rowKey}
        openKey={openKey}
        sort={state.query.sort}
        onSort={(sort) => state.set({ sort })}
      />
      <Pager
        onFirst={state.query.cursor === undefined ? undefined : () => state.turn()}
        onNext={typeof nextCursor === 'string' ? () => state.turn(nextCursor) : undefined}
      />
    </>
  )
}
