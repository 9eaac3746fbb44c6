import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { ErrorState } from '#ui/states.tsx'
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
  return (
    <Table
      caption={t('access.roles')}
      rows={rows}
      rowKey={({ id }) => id}
      columns={[
        {
          key: 'role',
          header: t('access.role'),
          cell: ({ roleId, roleName }) => (
            <Link to={`/o/${slug}/roles/${roleId}`}>{nameOf({ name: roleName, system: systemOf(roleId) })}</Link>
          ),
        },
        { key: 'scope', header: t('access.where'), cell: (assignment) => <ScopeWords of={assignment} /> },
        { key: 'end', header: t('access.ends'), cell: ({ expiresAt }) => <End at={expiresAt} /> },
        {
          key: 'acts',
          header: t('ui.actions'),
          align: 'acts',
          cell: (assignment) =>
            isMember && systemOf(assignment.roleId) !== null && assignment.scopeKind === 'tenant' ? (
              <span className="help">{t('access.base')}</span>
            ) : (
              <Withdraw of={assignment} />
            ),
        },
      ]}
    />
  )
}

function Withdraw({ of: { id, roleName } }: { of: Assignment }) {
  const t = useText()
  const may = useMay()
  const say = useToast()
  const [asking, setAsking] = useState(false)
  if (!may('role:assign')) return null
  const withdraw = async () => {
    setAsking(false)
    try {
      await api.DELETE('/api/v1/assignments/{id}', { params: { path: { id } } })
      say(t('access.withdrawn', { role: roleName }))
    } catch (failure) {
      say(problemOf(failure).detail)
    }
    for (const changed of ['assignments', 'roles', 'explanation'])
      await queryClient.invalidateQueries({ queryKey: [changed] })
  }
  return (
    <>
      <Button
        size="small"
        tone="bare"
        aria-label={`${t('access.withdraw')}: ${roleName}`}
        onClick={() => setAsking(true)}
      >
        {t('access.withdraw')}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('access.withdrawTitle', { role: roleName })}
        consequence={t('access.withdrawHelp')}
        action={t('access.withdraw')}
        busy={false}
        onConfirm={() => void withdraw()}
      />
    </>
  )
}
