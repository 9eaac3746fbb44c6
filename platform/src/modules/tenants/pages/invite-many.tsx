import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { DropZone } from '#ui/drop-zone.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Status } from '#ui/status.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'

type Batch = operations['invitations.previewMany']['responses'][200]['content']['application/json']
type Line = Batch['lines'][number]

interface Read {
  readonly name: string
  readonly csv: string
  readonly batch: Batch
}

/** Invites everybody whom a file names: what it would do is shown line by line, and then what it did. */
export default function InviteManyPage() {
  const t = useText()
  const tenant = useTenant()
  const [read, setRead] = useState<Read>()
  const [sent, setSent] = useState<Batch>()
  useTitle(t('tenants.inviteMany'), tenant.name)
  const look = useMutation({
    mutationFn: async (file: File) => {
      const csv = await file.text()
      const batch = required(await api.POST('/api/v1/invitations/batch/preview', { body: { csv } }))
      return { name: file.name, csv, batch }
    },
    onSuccess: setRead,
  })
  const invite = useMutation({
    mutationFn: async (csv: string) => required(await api.POST('/api/v1/invitations/batch', { body: { csv } })),
    onSuccess: async (batch) => {
      setSent(batch)
      await queryClient.invalidateQueries({ queryKey: ['invitations'] })
    },
  })
  const again = () => {
    setRead(undefined)
    setSent(undefined)
    invite.reset()
  }
  const error = look.error ?? invite.error
  const members = `/o/${tenant.slug}/members`
  return (
    <>
      <PageHeader crumbs={<Link to={members}>{t('tenants.members')}</Link>} title={t('tenants.inviteMany')}>
        {t('tenants.inviteManyHelp')}
      </PageHeader>
      {error && <Banner tone="bad">{problemOf(error).detail}</Banner>}
      {sent && <Banner tone="good">{t('tenants.invitedCount', { count: sent.invited })}</Banner>}
      {read ? (
        <section className="stack">
          <Lines file={read.name} lines={(sent ?? read.batch).lines} good={sent ? 'sent' : 'good'} />
          <div className="row">
            {!sent && (
              <Button
                tone="primary"
                disabled={read.batch.invited === 0}
                busy={invite.isPending}
                onClick={() => invite.mutate(read.csv)}
              >
                {t('tenants.inviteCount', { count: read.batch.invited })}
              </Button>
            )}
            <Button onClick={again}>{t('tenants.otherFile')}</Button>
          </div>
        </section>
      ) : (
        <section className="stack">
          <DropZone label={t('tenants.dropFile')} accept=".csv,text/csv" onFile={(file) => look.mutate(file)} />
          <p className="quiet">{t('tenants.roleNames')}</p>
        </section>
      )}
    </>
  )
}

function Lines({ file, lines, good }: { file: string; lines: readonly Line[]; good: 'good' | 'sent' }) {
  const t = useText()
  return (
    <Table
      caption={t('tenants.fileLines', { file })}
      rows={lines}
      rowKey={({ line }) => String(line)}
      columns={[
        { key: 'email', header: t('tenants.email'), cell: ({ email }) => email },
        { key: 'line', header: t('tenants.line'), named: true, cell: ({ line }) => line },
        { key: 'name', header: t('tenants.name'), cell: ({ name }) => name },
        { key: 'role', header: t('tenants.role'), cell: ({ role }) => role },
        {
          key: 'outcome',
          header: t('tenants.outcome'),
          cell: ({ problem }) => (
            <Status look={problem === null ? 'good' : 'warn'}>{t(`tenants.line.${problem ?? good}`)}</Status>
          ),
        },
      ]}
    />
  )
}
