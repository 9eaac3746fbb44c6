import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Trash2, Undo2 } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { Tabs } from '#ui/tabs.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { problemOf } from './api.ts'
import { useAddressState, useListState } from './list-state.ts'
import { ListView } from './list-view.tsx'
import type { Trashed, TrashKind } from './module-pages.ts'
import { modulePages } from './modules.ts'
import { queryClient } from './query-client.ts'
import { useMay, useTenant } from './session.ts'
import { useTitle } from './title.ts'

const kinds = modulePages.flatMap(({ trash }) => trash ?? [])

/** What was deleted and can be restored: a tab for each kind of record. */
export function TrashPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const { values } = useAddressState()
  useTitle(t('shell.trash'), tenant.name)
  const permitted = kinds.filter(({ permission }) => may(permission))
  const kind = permitted.find(({ name }) => name === values['kind']) ?? permitted[0]
  return (
    <>
      <PageHeader title={t('shell.trash')}>{t('shell.trashHelp')}</PageHeader>
      <Tabs label={t('shell.trash')}>
        {permitted.map(({ name, text }) => (
          <Link key={name} to="." search={{ kind: name }} aria-current={name === kind?.name ? 'page' : undefined}>
            {t(text)}
          </Link>
        ))}
      </Tabs>
      {kind && <TrashOf key={kind.name} kind={kind} tenant={tenant.slug} />}
    </>
  )
}

function TrashOf({ kind, tenant }: { kind: TrashKind; tenant: string }) {
  const t = useText()
  const say = useToast()
  const state = useListState('-deletedAt')
  const result = useQuery({
    queryKey: ['trash', tenant, kind.name, state.query.cursor],
    queryFn: () => kind.load(state.query.cursor),
    placeholderData: keepPreviousData,
  })
  const restore = async ({ id, name }: Trashed) => {
    try {
      await kind.restore(id)
      say(t('shell.restored', { name }))
    } catch (error) {
      say(problemOf(error).detail)
    }
    await queryClient.invalidateQueries()
  }
  return (
    <ListView
      caption={t(kind.text)}
      state={state}
      result={result}
      rowKey={({ id }) => id}
      columns={[
        { key: 'name', header: t('shell.name'), cell: ({ name }) => name },
        {
          key: 'deleted',
          header: t('shell.deleted'),
          align: 'number',
          cell: ({ deletedAt }) => deletedAt !== null && <When at={deletedAt} />,
        },
        {
          key: 'restore',
          header: t('ui.actions'),
          align: 'acts',
          cell: (trashed) => (
            <Button size="small" icon={<Undo2 size={14} aria-hidden />} onClick={() => void restore(trashed)}>
              {t('shell.restore')}
            </Button>
          ),
        },
      ]}
      empty={
        <EmptyState icon={<Trash2 size={20} aria-hidden />} title={t('shell.trashEmpty')}>
          {t('shell.trashEmptyHelp')}
        </EmptyState>
      }
    />
  )
}
