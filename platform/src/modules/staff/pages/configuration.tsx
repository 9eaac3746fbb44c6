import { useQuery } from '@tanstack/react-query'
import type { operations } from '#client/generated/schema.d.ts'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { useTitle } from '#web/title.ts'

type Setting = operations['configuration.list']['responses'][200]['content']['application/json']['items'][number]

/** Every setting of the process that answers, with where its value comes from. */
export default function ConfigurationPage() {
  const t = useText()
  useTitle(t('staff.configuration'), t('staff.console'))
  const { data, error, refetch } = useQuery({
    queryKey: ['staff', 'configuration'],
    queryFn: async () => required(await api.GET('/api/v1/staff/configuration')).items,
  })
  return (
    <>
      <PageHeader title={t('staff.configuration')}>{t('staff.configurationHelp')}</PageHeader>
      {error ? (
        <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
      ) : (
        <Table
          caption={t('staff.configuration')}
          rows={data}
          rowKey={({ name }) => name}
          columns={[
            {
              key: 'setting',
              header: t('staff.setting'),
              cell: ({ name, description }) => (
                <span className="target-name">
                  <span className="mono">{name}</span>
                  <small>{description}</small>
                </span>
              ),
            },
            { key: 'value', header: t('staff.value'), cell: (setting) => <Value of={setting} /> },
            { key: 'source', header: t('staff.source'), cell: ({ source }) => t(`staff.source.${source}`) },
          ]}
        />
      )}
    </>
  )
}

function Value({ of: { isSet, value } }: { of: Setting }) {
  const t = useText()
  if (value !== null) return <span className="mono">{value}</span>
  return isSet ? <Status look="good">{t('staff.isSet')}</Status> : <Status look="open">{t('staff.isNotSet')}</Status>
}
