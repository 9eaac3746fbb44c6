import { Plus } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '#ui/button.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useAddressState } from './list-state.ts'
import { ListView, type ListViewProps } from './list-view.tsx'
import { useMay, useTenant } from './session.ts'
import { useTitle } from './title.ts'

interface ListPageProps<Row> extends Omit<ListViewProps<Row>, 'caption' | 'empty'> {
  readonly title: string
  /** Where the page is, when something stands above it. */
  readonly crumbs?: ReactNode
  readonly help?: string
  /** The button that opens the dialog, for who may. */
  readonly create: { readonly permission: string; readonly text: string }
  readonly dialog: (layer: { open: boolean; onClose: () => void }) => ReactNode
  readonly filters?: ReactNode
  /** Said when there is nothing at all, with the button to begin. */
  readonly empty: { readonly icon: ReactNode; readonly title: string; readonly help: string }
}

/** A page that is one list, and a dialog to add to it, which `?open=new` in the address opens. */
export function ListPage<Row>(props: ListPageProps<Row>) {
  const { title, crumbs, help, create, dialog, filters, empty, ...list } = props
  const may = useMay()
  const address = useAddressState()
  useTitle(title, useTenant().name)
  const mayCreate = may(create.permission)
  const button = mayCreate && (
    <Button tone="primary" icon={<Plus size={16} aria-hidden />} onClick={() => address.set({ open: 'new' })}>
      {create.text}
    </Button>
  )
  return (
    <>
      <PageHeader crumbs={crumbs} title={title} actions={button}>
        {help}
      </PageHeader>
      {filters}
      <ListView
        {...list}
        caption={title}
        empty={
          <EmptyState icon={empty.icon} title={empty.title} action={button}>
            {empty.help}
          </EmptyState>
        }
      />
      {dialog({
        open: mayCreate && address.values['open'] === 'new',
        onClose: () => address.set({ open: undefined }),
      })}
    </>
  )
}
