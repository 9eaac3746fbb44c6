import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useToday } from '#ui/date.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { SelectField, TextField } from '#ui/field.tsx'
import { SearchField } from '#ui/filters.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { useTenant } from '#web/session.ts'
import { type Role, rolesQuery, teamsQuery } from './access-queries.ts'
import { recordKinds, useFoundRecords } from './record-kinds.ts'
import { useRoleName } from './role-name.ts'

/** Gives a member a role: everywhere, on a team or on one record, for good or until the end of a day. */
export function GiveRoleDialog({
  principalId,
  name,
  open,
  onClose,
}: {
  principalId: string
  name: string
  open: boolean
  onClose: () => void
}) {
  const t = useText()
  const { slug } = useTenant()
  const say = useToast()
  const today = useToday()
  const nameOf = useRoleName()
  const { data: roles = [] } = useQuery({ ...rolesQuery(slug), enabled: open })
  const [reach, setReach] = useState('tenant')
  const give = async ({ roleId = '', scope = '', expiresAt: lastDay = '' }: Record<string, string>) => {
    const expiresAt = lastDay === '' ? null : endOf(lastDay)
    const body = { principalId, roleId, scope: scopeOf(reach, scope), expiresAt }
    await api.POST('/api/v1/assignments', { body })
    for (const changed of ['assignments', 'roles', 'explanation'])
      await queryClient.invalidateQueries({ queryKey: [changed] })
    say(t('access.given', { name }))
    onClose()
  }
  return (
    <Dialog open={open} onClose={onClose} title={t('access.giveRoleTo', { name })}>
      <Form onSubmit={give} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <SelectField
                name="roleId"
                label={t('access.role')}
                options={roles
                  .filter(isGiven)
                  .toSorted(ownFirst)
                  .map((role) => [role.id, nameOf(role)])}
              />
              <SelectField
                name="reach"
                label={t('access.where')}
                value={reach}
                onChange={(event) => setReach(event.target.value)}
                options={[
                  ['tenant', t('access.everywhere')],
                  ['team', t('access.team')],
                  ...recordKinds.map(({ resource, text }) => [resource, t(text)] as const),
                ]}
              />
              {reach === 'team' && <TeamField />}
              {reach !== 'team' && reach !== 'tenant' && <RecordField resource={reach} />}
              <TextField
                name="expiresAt"
                type="date"
                min={today}
                label={t('access.lastDay')}
                help={t('access.endHelp')}
              />
            </div>
            <FormActions save={t('access.giveRole')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

function TeamField() {
  const t = useText()
  const { slug } = useTenant()
  const { data: teams = [] } = useQuery(teamsQuery(slug))
  return <SelectField name="scope" label={t('access.team')} options={teams.map(({ id, name }) => [id, name])} />
}

function RecordField({ resource }: { resource: string }) {
  const t = useText()
  const [text, setText] = useState('')
  const found = useFoundRecords(resource, text)
  return (
    <>
      <SearchField label={t('access.findRecord')} value={text} onChange={setText} />
      <SelectField name="scope" label={t('access.record')} options={found} />
    </>
  )
}

/** An owner is made in the list of members only. */
function isGiven({ system }: Role): boolean {
  return system !== 'owner'
}

function ownFirst(one: Role, other: Role): number {
  return Number(one.system !== null) - Number(other.system !== null)
}

/** Of the select: `tenant`, `team`, or a kind of record. */
function scopeOf(reach: string, id: string) {
  if (reach === 'tenant') return { kind: reach } as const
  return reach === 'team' ? ({ kind: reach, id } as const) : ({ kind: 'record', resource: reach, id } as const)
}

/** The last instant of a day here. */
function endOf(day: string): string {
  return new Date(`${day}T23:59:59.999`).toISOString()
}
