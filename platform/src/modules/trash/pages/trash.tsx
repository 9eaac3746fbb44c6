import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Trash2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useNowMs, When } from '#ui/date.tsx'
import { Checkbox } from '#ui/field.tsx'
import { FilterSelect, Filters } from '#ui/filters.tsx'
import { RowMenu } from '#ui/menu.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import type { Column } from '#ui/table.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { problemOf } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { queryClient } from '#web/query-client.ts'
import { membersQuery, useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { ChosenBar } from './chosen-bar.tsx'
import { PurgeDialog, RestoreAsDialog } from './trash-dialogs.tsx'
import { isNameTaken, kindOf, kinds, loadTrash, type Trashed } from './trashed.ts'

/** What was deleted and can be restored, of every kind; the kind that it is narrowed to is in the address. */
export default function TrashPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const state = useListState<'-deletedAt', 'resource'>('-deletedAt', ['resource'])
  const [chosen, choose] = useState<readonly Trashed[]>([])
  const [taken, setTaken] = useState<Trashed>()
  const [purging, setPurging] = useState<Trashed>()
  useTitle(t('trash.title'), tenant.name)
  const { resource } = state.query
  const result = useQuery({
    queryKey: ['trash', tenant.slug, state.query],
    queryFn: () => loadTrash(state.query),
    placeholderData: keepPreviousData,
  })
  const onGone = (gone: Trashed) => choose((all) => all.filter(({ id }) => id !== gone.id))
  const columns = useColumns({ chosen, choose, onGone, onTaken: setTaken, onPurge: setPurging })
  const permitted = kinds.filter((kind) => may(`${kind.resource}:restore`))
  return (
    <>
      <PageHeader title={t('trash.title')}>{t('trash.help')}</PageHeader>
      <Filters>
        <FilterSelect
          label={t('trash.kind')}
          value={resource}
          options={permitted.map((kind) => [kind.resource, t(kind.text)])}
          onChange={(kind) => {
            choose([])
            state.set({ resource: kind })
          }}
        />
      </Filters>
      {(result.data?.items.length ?? 0) > 0 && <ChosenBar chosen={chosen} choose={choose} resource={resource} />}
      <ListView
        caption={t('trash.title')}
        state={state}
        result={result}
        rowKey={({ id }) => id}
        columns={columns}
        empty={
          <EmptyState icon={<Trash2 size={20} aria-hidden />} title={t('trash.empty')}>
            {t('trash.emptyHelp')}
          </EmptyState>
        }
      />
      <RestoreAsDialog record={taken} onClose={() => setTaken(undefined)} onGone={onGone} />
      <PurgeDialog record={purging} onClose={() => setPurging(undefined)} onGone={onGone} />
    </>
  )
}

interface RowActs {
  readonly chosen: readonly Trashed[]
  readonly choose: (records: readonly Trashed[]) => void
  readonly onGone: (record: Trashed) => void
  readonly onTaken: (record: Trashed) => void
  readonly onPurge: (record: Trashed) => void
}

function useColumns({ chosen, choose, ...acts }: RowActs): Column<Trashed>[] {
  const t = useText()
  const toggle = (record: Trashed, isChosen: boolean) =>
    choose(isChosen ? [...chosen, record] : chosen.filter(({ id }) => id !== record.id))
  return [
    {
      key: 'name',
      header: t('trash.name'),
      cell: (record) => (
        <Checkbox
          label={<span dir="auto">{record.name}</span>}
          aria-label={t('trash.choose', { name: record.name })}
          checked={chosen.some(({ id }) => id === record.id)}
          onChange={({ target }) => toggle(record, target.checked)}
        />
      ),
    },
    {
      key: 'kind',
      header: t('trash.kind'),
      cell: (record) => {
        const kind = kindOf(record)
        return kind ? t(kind.text) : record.resource
      },
    },
    { key: 'by', header: t('trash.deletedBy'), cell: (record) => <DeletedBy record={record} /> },
    {
      key: 'deleted',
      header: t('trash.deleted'),
      align: 'number',
      named: true,
      cell: ({ deletedAt }) => <When at={deletedAt} />,
    },
    {
      key: 'left',
      header: t('trash.left'),
      align: 'number',
      named: true,
      cell: ({ purgeAfter }) => <DaysLeft until={purgeAfter} />,
    },
    { key: 'acts', header: t('ui.actions'), align: 'acts', cell: (record) => <Acts record={record} {...acts} /> },
  ]
}

function DeletedBy({ record: { deletedById } }: { record: Trashed }) {
  const t = useText()
  const may = useMay()
  const { slug } = useTenant()
  const { data: members } = useQuery({ ...membersQuery(slug), enabled: may('member:read') })
  if (deletedById === null) return t('trash.platform')
  if (!members) return null
  return members.find(({ userId }) => userId === deletedById)?.name ?? t('trash.somebody')
}

const dayMs = 86_400_000
const soonDays = 3

/** Whole days that are left, with the exact instant on hover; few of them as a warning. */
function DaysLeft({ until }: { until: string }) {
  const t = useText()
  const { region } = useLanguage()
  const days = Math.ceil((Date.parse(until) - useNowMs()) / dayMs)
  const text = days <= 0 ? t('trash.tonight') : t('trash.daysLeft', { count: days })
  const exact = new Date(until).toLocaleString(region, { dateStyle: 'long', timeStyle: 'long' })
  return (
    <time dateTime={until} title={exact}>
      {days <= soonDays ? <Status look="warn">{text}</Status> : text}
    </time>
  )
}

function Acts({ record, onGone, onTaken, onPurge }: { record: Trashed } & Omit<RowActs, 'chosen' | 'choose'>) {
  const t = useText()
  const say = useToast()
  const may = useMay()
  const kind = kindOf(record)
  if (!kind) return null
  const restore = async () => {
    try {
      await kind.restore(record.id)
      say(t('trash.restored', { name: record.name }))
      onGone(record)
      await queryClient.invalidateQueries()
    } catch (error) {
      if (isNameTaken(error)) onTaken(record)
      else say(problemOf(error).detail)
    }
  }
  return (
    <RowMenu of={record.name}>
      <button type="button" onClick={() => void restore()}>
        <Undo2 size={16} aria-hidden />
        {t('trash.restore')}
      </button>
      {may(`${record.resource}:purge`) && (
        <button type="button" className="bad" onClick={() => onPurge(record)}>
          <Trash2 size={16} aria-hidden />
          {t('trash.purge')}
        </button>
      )}
    </RowMenu>
  )
}
