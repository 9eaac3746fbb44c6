import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { FilterSelect, Filters, SearchField } from '#ui/filters.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useAddressState } from '#web/list-state.ts'
import { useTenant } from '#web/session.ts'
import { permissionsQuery, rolesQuery } from './access-queries.ts'
import { useClauseWords } from './condition-words.ts'
import { recordKinds, useFoundRecords, useRecordName } from './record-kinds.ts'
import { useRoleName } from './role-name.ts'
import { ScopeWords } from './scope-words.tsx'

type Explained = operations['access.explain']['responses'][200]['content']['application/json']
type Weighed = Explained['assignments'][number]

/** Why somebody may, or may not, do something: what is asked is in the address. */
export function Explanation({ principalId }: { principalId: string }) {
  const t = useText()
  const address = useAddressState()
  const { data: permissions = [] } = useQuery(permissionsQuery)
  const { permission, kind, record } = address.values
  return (
    <section className="section stack">
      <h2>{t('access.why')}</h2>
      <p className="quiet">{t('access.whyHelp')}</p>
      <Filters>
        <FilterSelect
          label={t('access.permission')}
          value={permission}
          none={t('access.choose')}
          options={permissions.map((each) => [each.permission, each.permission])}
          onChange={(next) => address.set({ permission: next })}
        />
        <FilterSelect
          label={t('access.record')}
          value={kind}
          options={recordKinds.map(({ resource, text }) => [resource, t(text)])}
          onChange={(next) => address.set({ kind: next, record: undefined })}
        />
        {kind !== undefined && <RecordChoice key={kind} kind={kind} />}
      </Filters>
      {permission !== undefined && <Answer asked={{ principalId, permission, ...recordOf(kind, record) }} />}
    </section>
  )
}

function recordOf(kind: string | undefined, record: string | undefined) {
  return kind === undefined || record === undefined ? {} : { resource: kind, recordId: record }
}

function RecordChoice({ kind }: { kind: string }) {
  const t = useText()
  const address = useAddressState()
  const { record } = address.values
  const [text, setText] = useState('')
  const found = useFoundRecords(kind, text)
  const name = useRecordName(kind, record)
  const chosen = record === undefined || found.some(([id]) => id === record) ? [] : [[record, name ?? '…'] as const]
  return (
    <>
      <SearchField label={t('access.findRecord')} value={text} onChange={setText} />
      <FilterSelect
        label={t('access.name')}
        value={record}
        none={t('access.choose')}
        options={[...chosen, ...found]}
        onChange={(next) => address.set({ record: next })}
      />
    </>
  )
}

interface Asked {
  readonly principalId: string
  readonly permission: string
  readonly resource?: string
  readonly recordId?: string
}

function Answer({ asked }: { asked: Asked }) {
  const t = useText()
  const { slug } = useTenant()
  const nameOf = useRoleName()
  const reasonOf = useReason()
  const { data: roles = [] } = useQuery(rolesQuery(slug))
  const { data, error, refetch } = useQuery({
    queryKey: ['explanation', slug, asked],
    queryFn: async () => required(await api.GET('/api/v1/access/explanation', { params: { query: asked } })),
    placeholderData: keepPreviousData,
  })
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  return (
    <>
      {data && (
        <output>
          <Status look={data.allowed ? 'good' : 'bad'}>{t(data.allowed ? 'access.allowed' : 'access.refused')}</Status>
        </output>
      )}
      <Table
        caption={t('access.why')}
        rows={data?.assignments}
        rowKey={({ id }) => id}
        columns={[
          {
            key: 'role',
            header: t('access.role'),
            cell: ({ roleId, roleName }) =>
              nameOf({ name: roleName, system: roles.find(({ id }) => id === roleId)?.system ?? null }),
          },
          { key: 'scope', header: t('access.where'), cell: (each) => <ScopeWords of={each} /> },
          { key: 'reason', header: t('access.reason'), cell: reasonOf },
        ]}
      />
    </>
  )
}

function useReason(): (weighed: Weighed) => string {
  const t = useText()
  const wordsOf = useClauseWords()
  return ({ reason, condition, clause }) => {
    const failed = clause === null ? undefined : condition?.[clause]
    return t(`access.reason.${reason}`, { clause: failed ? wordsOf(failed) : '' })
  }
}
