import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { User } from 'lucide-react'
import { When } from '#ui/date.tsx'
import { Filters, SearchField } from '#ui/filters.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useTitle } from '#web/title.ts'

type Sort = '-createdAt' | 'createdAt' | 'email' | '-email'

/** Every account, whatever it is a member of. */
export default function UsersPage() {
  const t = useText()
  const list = useListState<Sort, 'search'>('-createdAt', ['search'])
  useTitle(t('staff.users'), t('staff.console'))
  const result = useQuery({
    queryKey: ['staff', 'users', list.query],
    queryFn: async () => required(await api.GET('/api/v1/staff/users', { params: { query: list.query } })),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <PageHeader title={t('staff.users')}>{t('staff.usersHelp')}</PageHeader>
      <Filters>
        <SearchField
          label={t('staff.searchUsers')}
          value={list.query.search ?? ''}
          onChange={(search) => list.set({ search })}
        />
      </Filters>
      <ListView
        caption={t('staff.users')}
        state={list}
        result={result}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'email',
            header: t('staff.email'),
            sort: 'email',
            cell: ({ id, email }) => <Link to={`/staff/users/${id}`}>{email}</Link>,
          },
          { key: 'name', header: t('staff.name'), cell: ({ name }) => <span dir="auto">{name}</span> },
          {
            key: 'confirmed',
            header: t('staff.confirmed'),
            cell: ({ emailVerified }) => <Confirmed is={emailVerified} />,
          },
          {
            key: 'factor',
            header: t('staff.secondFactor'),
            cell: ({ hasSecondFactor }) => t(hasSecondFactor ? 'staff.hasFactor' : 'staff.noFactor'),
          },
          {
            key: 'created',
            header: t('staff.created'),
            sort: 'createdAt',
            cell: ({ createdAt }) => <When at={createdAt} />,
          },
        ]}
        empty={
          <EmptyState icon={<User size={20} aria-hidden />} title={t('staff.noUsers')}>
            {t('staff.noUsersHelp')}
          </EmptyState>
        }
      />
    </>
  )
}

function Confirmed({ is }: { is: boolean }) {
  const t = useText()
  return is ? (
    <Status look="good">{t('staff.isConfirmed')}</Status>
  ) : (
    <Status look="open">{t('staff.notConfirmed')}</Status>
  )
}
