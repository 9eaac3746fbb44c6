import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Banner } from '#ui/banner.tsx'
import { Button } from '#ui/button.tsx'
import { ConfirmDialog } from '#ui/dialog.tsx'
import { TextArea, TextField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, ifMatch, problemOf, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { type Clause, type Condition, permissionsQuery, type Role } from './access-queries.ts'
import { ConditionDialog } from './condition-dialog.tsx'
import { Conditions } from './conditions.tsx'
import { PermissionMatrix } from './permission-matrix.tsx'
import { useRoleName } from './role-name.ts'

/** One role: its name, and what it permits under which conditions. */
export default function RolePage() {
  const { id = '' } = useParams({ strict: false })
  const t = useText()
  const tenant = useTenant()
  const nameOf = useRoleName()
  const { data, error, refetch } = useQuery({
    queryKey: ['roles', tenant.slug, 'one', id],
    queryFn: async () => required(await api.GET('/api/v1/roles/{id}', { params: { path: { id } } })),
  })
  useTitle(data ? nameOf(data) : t('access.roles'), tenant.name)
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  if (!data) return null
  return (
    <>
      <PageHeader
        crumbs={<Link to={`/o/${tenant.slug}/roles`}>{t('access.roles')}</Link>}
        title={nameOf(data)}
        actions={<DeleteRole role={data} />}
      >
        {t('access.roleFacts', {
          kind: t(data.system ? 'access.ofSystem' : 'access.own'),
          permissions: data.permissions.length,
          assigned: data.assigned,
        })}
      </PageHeader>
      <RoleForm key={data.version} role={data} />
    </>
  )
}

/** Why the role cannot be changed by whoever looks at it; undefined: it can. */
function useObstacle({ system, permissions }: Role): string | undefined {
  const t = useText()
  const may = useMay()
  if (system !== null) return t('access.systemRole')
  if (!may('role:update')) return t('access.mayNotUpdate')
  const missing = permissions.map(({ permission }) => permission).filter((permission) => !may(permission))
  return missing.length > 0 ? t('access.holdsMore', { permissions: missing.join(', ') }) : undefined
}

function RoleForm({ role }: { role: Role }) {
  const t = useText()
  const say = useToast()
  const may = useMay()
  const facts = useQuery(permissionsQuery)
  const obstacle = useObstacle(role)
  const [adding, setAdding] = useState(false)
  const [conditions, setConditions] = useState(() => conditionsOf(role))
  const readOnly = obstacle !== undefined
  const save = async ({ name = '', description = '' }: Record<string, string>, data: FormData) => {
    const permissions = data
      .getAll('permissions')
      .map(String)
      .map((permission) => ({ permission, condition: conditions.get(permission) ?? null }))
    await api.PATCH('/api/v1/roles/{id}', {
      params: { path: { id: role.id }, header: ifMatch(role) },
      body: { name, description, permissions },
    })
    await queryClient.invalidateQueries({ queryKey: ['roles'] })
    await queryClient.invalidateQueries({ queryKey: ['tenant'] })
    say(t('access.roleSaved', { name }))
  }
  const add = (permission: string, clause: Clause) =>
    setConditions(new Map(conditions).set(permission, [...(conditions.get(permission) ?? []), clause]))
  if (facts.error) return <ErrorState {...problemOf(facts.error)} onRetry={() => void facts.refetch()} />
  return (
    <>
      {readOnly && <Banner>{obstacle}</Banner>}
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            {!readOnly && <NameFields role={role} />}
            <PermissionMatrix
              facts={facts.data}
              granted={new Set(role.permissions.map(({ permission }) => permission))}
              conditions={conditions}
              readOnly={readOnly}
            />
            <Conditions
              conditions={conditions}
              readOnly={readOnly}
              onAdd={() => setAdding(true)}
              onChange={setConditions}
            />
            {!readOnly && (
              <div className="row">
                <Button type="submit" tone="primary" busy={busy}>
                  {t('ui.save')}
                </Button>
              </div>
            )}
          </>
        )}
      </Form>
      <ConditionDialog
        facts={(facts.data ?? []).filter(({ permission }) => may(permission))}
        open={adding}
        onClose={() => setAdding(false)}
        onAdd={add}
      />
    </>
  )
}

function NameFields({ role: { name, description } }: { role: Role }) {
  const t = useText()
  return (
    <div className="pair">
      <TextField name="name" label={t('access.name')} defaultValue={name} maxLength={60} required />
      <TextArea
        name="description"
        label={t('access.description')}
        defaultValue={description}
        rows={2}
        maxLength={500}
      />
    </div>
  )
}

function conditionsOf({ permissions }: Role): ReadonlyMap<string, Condition> {
  return new Map(
    permissions.flatMap(({ permission, condition }) => (condition === null ? [] : [[permission, condition] as const])),
  )
}

function DeleteRole({ role }: { role: Role }) {
  const t = useText()
  const say = useToast()
  const may = useMay()
  const { slug } = useTenant()
  const navigate = useNavigate()
  const [asking, setAsking] = useState(false)
  if (role.system !== null || !may('role:delete')) return null
  const { name, assigned } = role
  const remove = async () => {
    setAsking(false)
    try {
      await api.DELETE('/api/v1/roles/{id}', {
        params: { path: { id: role.id } },
        headers: { 'If-Match': `"${role.version}"` },
      })
    } catch (failure) {
      say(problemOf(failure).detail)
      return
    }
    say(t('access.roleDeleted', { name }))
    await navigate({ to: `/o/${slug}/roles` })
    // Not itself: this page may still be shown for a moment, and would ask for what is gone.
    await queryClient.invalidateQueries({ queryKey: ['roles'], predicate: ({ queryKey }) => queryKey[3] !== role.id })
  }
  return (
    <>
      <Button onClick={() => (assigned > 0 ? say(t('access.roleInUse', { name, count: assigned })) : setAsking(true))}>
        {t('ui.delete')}
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t('access.deleteRoleTitle', { name })}
        consequence={t('access.deleteRoleHelp')}
        action={t('ui.delete')}
        busy={false}
        onConfirm={() => void remove()}
      />
    </>
  )
}
