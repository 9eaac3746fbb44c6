import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Bot, ClipboardCheck, KeyRound } from 'lucide-react'
import type { operations } from '#client/generated/schema.d.ts'
import { Day, dayOf, When } from '#ui/date.tsx'
import { FilterSelect, Filters } from '#ui/filters.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Person } from '#ui/people.tsx'
import { EmptyState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { api, required } from '#web/api.ts'
import { ExportMenu } from '#web/export-menu.tsx'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { End } from './assignment-end.tsx'
import { useRoleName } from './role-name.ts'
import { ScopeWords } from './scope-words.tsx'

type Entry = operations['accessReview.list']['responses'][200]['content']['application/json']['items'][number]

const kinds = ['person', 'serviceAccount', 'key'] as const

/** Everything by which somebody may do something here, for whoever clears away what is not needed any more. */
export default function AccessReviewPage() {
  const t = useText()
  const tenant = useTenant()
  const state = useListState<'-since' | 'since' | 'name' | '-name', 'kind'>('-since', ['kind'])
  useTitle(t('access.review'), tenant.name)
  const { kind, ...page } = state.query
  const query = { ...page, ...(kind === undefined ? {} : { kind: kind as Entry['kind'] }) }
  const result = useQuery({
    queryKey: ['accessReview', tenant.slug, query],
    queryFn: async () => required(await api.GET('/api/v1/access-review', { params: { query } })),
    placeholderData: keepPreviousData,
  })
  return (
    <>
      <PageHeader title={t('access.review')} actions={<ExportMenu fileName={`${tenant.slug}-access`} load={partOf} />}>
        {t('access.reviewHelp')}
      </PageHeader>
      <Filters>
        <FilterSelect
          label={t('access.whose')}
          value={kind}
          options={kinds.map((each) => [each, t(`access.kind.${each}`)])}
          onChange={(next) => state.set({ kind: next })}
        />
      </Filters>
      <ListView
        caption={t('access.review')}
        state={state}
        result={result}
        rowKey={({ id }) => id}
        columns={[
          { key: 'name', header: t('access.who'), sort: 'name', cell: (entry) => <Who of={entry} /> },
          { key: 'what', header: t('access.role'), cell: (entry) => <What of={entry} /> },
          { key: 'scope', header: t('access.where'), cell: (entry) => <ScopeWords of={entry} /> },
          {
            key: 'since',
            header: t('access.givenOn'),
            named: true,
            sort: 'since',
            cell: (entry) => <Given of={entry} />,
          },
          {
            key: 'end',
            header: t('access.ends'),
            named: true,
            cell: ({ expiresAt }) => <End at={expiresAt} />,
          },
          {
            key: 'used',
            header: t('access.lastUse'),
            named: true,
            cell: (entry) => <LastUse of={entry} />,
          },
        ]}
        empty={<EmptyState icon={<ClipboardCheck size={20} aria-hidden />} title={t('access.noReview')} />}
      />
    </>
  )
}

async function partOf(format: 'csv' | 'jsonl', cursor?: string) {
  const query = { format, ...(cursor === undefined ? {} : { cursor }) }
  return required(await api.GET('/api/v1/access-review/export', { params: { query } }))
}

/** Leads to where what they may do is changed. */
function Who({ of: { kind, principalId, name, email } }: { of: Entry }) {
  const { slug } = useTenant()
  if (kind === 'person')
    return (
      <Link to={`/o/${slug}/members/${principalId}`}>
        <Person name={name} email={email ?? ''} />
      </Link>
    )
  const Icon = kind === 'key' ? KeyRound : Bot
  return (
    <span className="person">
      <span className="avatar machine">
        <Icon size={12} aria-hidden />
      </span>
      <Link to={kind === 'key' ? `/o/${slug}/keys` : `/o/${slug}/service-accounts/${principalId}/roles`}>{name}</Link>
    </span>
  )
}

function What({ of: { kind, roleName, roleSystem, permissions, conditions } }: { of: Entry }) {
  const t = useText()
  const nameOf = useRoleName()
  if (kind === 'key' && permissions.length === 0) return t('access.ofAccount')
  const scopes = t('access.scopeCount', { count: permissions.length })
  const what = roleName === null ? scopes : nameOf({ name: roleName, system: roleSystem })
  return (
    <span title={permissions.join(', ')}>
      {what}
      {conditions.length > 0 && ` · ${t('access.conditionCount', { count: conditions.length })}`}
    </span>
  )
}

/** That of a member is known to the hour: minutes would say more than that. */
function LastUse({ of: { kind, lastUsedAt } }: { of: Entry }) {
  const t = useText()
  if (lastUsedAt === null) return t('access.neverUsed')
  return kind === 'person' ? <Day on={dayOf(lastUsedAt)} /> : <When at={lastUsedAt} />
}

function Given({ of: { since, givenByName } }: { of: Entry }) {
  const t = useText()
  return (
    <>
      <When at={since} />
      {givenByName !== null && <small> {t('access.givenBy', { name: givenByName })}</small>}
    </>
  )
}
