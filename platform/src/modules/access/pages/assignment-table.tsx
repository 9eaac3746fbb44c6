import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { UserCog } from 'lucide-react'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { EmptyState, ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { type Assignment, allItems, rolesQuery } from './access-queries.ts'
import { End } from './assignment-end.tsx'
import { useRoleName } from './role-name.ts'
import { ScopeWords } from './scope-words.tsx'

/** The roles of a member, of which one comes with being a member, or of a service account: where each counts, and until when. */
export function AssignmentTable({ principalId, isMember }: { principalId: string; isMember: boolean }) {
  const t = useText()
  const { slug } = useTenant()
  const nameOf = useRoleName()
  const roles = useQuery(rolesQuery(slug))
  const assignments = useQuery({
    queryKey: ['assignments', slug, principalId],
    queryFn: () =>
      allItems(async (page) =>
        required(await api.GET('/api/v1/assignments', { params: { query: { ...page, principalId } } })),
      ),
  })
  const error = roles.error ?? assignments.error
  if (error) {
    const retry = () => Promise.all([roles.refetch(), assignments.refetch()])
    return <ErrorState {...problemOf(error)} onRetry={() => void retry()} />
  }
  const rows = roles.data && assignments.data
  const systemOf = (roleId: string) => roles.data?.find(({ id }) => id === roleId)?.system ?? null
  const nameIn = ({ roleId, roleName }: Assignment) => nameOf({ name: roleName, system: systemOf(roleId) })
  if (rows && rows.length === 0)
    return (
      <EmptyState icon={<UserCog size={20} aria-hidden />} title={t('access.noAssignments')}>
        {t('access.noAssignmentsHelp')}
      </EmptyState>
    )
  return (
    <Table
      caption={t('access.roles')}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'role',
          header: t('access.role'),
          cell: (assignment) => <Link to={`/o/${slug}/roles/${assignment.roleId}`}>{nameIn(assignment)}</Link>,
        },
        { key: 'scope', header: t('access.where'), cell: (assignment) => <ScopeWords of={assignment} /> },
        { key: 'end', header: t('access.ends'), named: true, cell: ({ expiresAt }) => <End at={expiresAt} /> },
        {
          key: 'acts',
          header: t('ui.actions'),
          align: 'acts',
          cell: (assignment) =>
            isMember && systemOf(assignment.roleId) !== null && assignment.scopeKind === 'tenant' ? (
              <span className="help">{t('access.base')}</span>
            ) : (
              <Withdraw of={assignment} role={nameIn(assignment)} />
            ),
        },
      ]}
    />
  )
}

function Withdraw({ of: { id }, role }: { of: Assignment; role: string }) {
  const t = useText()
  const may = useMay()
  const say = useToast()
  const [asking, setAsking] = useState(false)
  if (!may('role:assign')) return null
  const withdraw = async () => {
    setAsking(false)
    try {
      await api.DELETE('/api/v1/assignments/{id}', { params: { path: { id } } })
      say(t('access.withdrawn', { role }))
    } catch (failure) {
      say(problemOf(failure).detail)
    }
    for (const changed of ['assignments', 'roles', 'explanation'])
      await queryClient.invalidateQueries({ queryKey: [changed] })
  }
  return (
    <>
      <Button size="small" tone="bare" aria-label={`${t('access.withdraw')}: ${role}`} onClick={() => setAsking(true)}>
        {t('access.withdraw')}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('access.withdrawTitle', { role })}
        consequence={t('access.withdrawHelp')}
        action={t('access.withdraw')}
        busy={false}
        onConfirm={() => void withdraw()}
      />
    </>
  )
}
