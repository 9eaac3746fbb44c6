import { ArrowDown, ArrowUp } from 'lucide-react'
import type { ReactNode } from 'react'

export interface Column<Row> {
  readonly key: string
  readonly header: string
  readonly cell: (row: Row) => ReactNode
  readonly align?: 'number' | 'acts'
  /** On a phone, where no header stands above it, the header stands before the value. */
  readonly named?: boolean
  /** The field that the list is sorted by when this column is chosen; absent: it cannot be. */
  readonly sort?: string
}

interface TableProps<Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  /** Undefined while they are being loaded: lines of the same height stand for them. */
  readonly rows: readonly Row[] | undefined
  readonly rowKey: (row: Row) => string
  /** The row whose record is open beside the list. */
  readonly openKey?: string | undefined
  /** As in the API: a field, `-` before it for descending. */
  readonly sort?: string
  readonly onSort?: (sort: string) => void
}

const skeletonRows = 6

/** A ledger: the heavy rule heads it, hairlines part its rows. The first column leads; on a phone each row becomes a block. */
export function Table<Row>({ caption, columns, rows, rowKey, openKey, sort, onSort }: TableProps<Row>) {
  return (
    <table className="ledger" aria-busy={rows === undefined}>
      <caption className="unseen">{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" className={classOf(column)} aria-sort={sortState(column, sort)}>
              <Header column={column} sort={sort} onSort={onSort} />
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows === undefined
          ? Array.from({ length: skeletonRows }, (_, row) => (
              <tr key={row}>
                {columns.map((column) => (
                  <td key={column.key} className={classOf(column)}>
                    <span className="skeleton" />
                  </td>
                ))}
              </tr>
            ))
          : rows.map((row) => (
              <tr key={rowKey(row)} aria-current={rowKey(row) === openKey ? true : undefined}>
                {columns.map((column, index) =>
                  index === 0 ? (
                    <th key={column.key} scope="row" className={`lead ${classOf(column)}`}>
                      {column.cell(row)}
                    </th>
                  ) : (
                    <td key={column.key} className={classOf(column)} data-header={column.named && column.header}>
                      {column.cell(row)}
                    </td>
                  ),
                )}
              </tr>
            ))}
      </tbody>
    </table>
  )
}

/** `column-due number`: pages place single columns by their key. */
function classOf<Row>({ key, align }: Column<Row>): string {
  return `column-${key} ${align ?? ''}`
}

function sortState<Row>(column: Column<Row>, sort: string | undefined): 'ascending' | 'descending' | undefined {
  if (column.sort === undefined || sort === undefined) return undefined
  if (sort === column.sort) return 'ascending'
  return sort === `-${column.sort}` ? 'descending' : undefined
}

function Header<Row>({
  column,
  sort,
  onSort,
}: {
  column: Column<Row>
  sort: string | undefined
  onSort: ((sort: string) => void) | undefined
}) {
  if (column.sort === undefined || !onSort)
    return column.align === 'acts' ? <span className="unseen">{column.header}</span> : column.header
  const state = sortState(column, sort)
  return (
    <button type="button" onClick={() => onSort(state === 'ascending' ? `-${column.sort}` : `${column.sort}`)}>
      {column.header}
      {state === 'ascending' && <ArrowUp size={14} aria-hidden />}
      {state === 'descending' && <ArrowDown size={14} aria-hidden />}
    </button>
  )
}
