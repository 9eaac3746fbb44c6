import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Dialog } from '#ui/dialog.tsx'
import { Checkbox, SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, ifMatch, required } from '#web/api.ts'
import { usePlans } from '#web/plans.ts'
import { queryClient } from '#web/query-client.ts'
import { FlagHistory } from './flag-history.tsx'
import { type Flag, roles } from './flag-words.tsx'

type Rules = Pick<Flag, 'state' | 'roles' | 'plans' | 'percentage' | 'startsAt' | 'endsAt'>

const states = ['rules', 'on', 'off'] as const

/** Changes for whom a flag is on, with a reason, and says before in how many tenants that would be. */
export function FlagDialog({ flag, onClose }: { flag: Flag; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const { key, summary } = flag
  const [rules, setRules] = useState<Rules>(flag)
  const change = (changes: Partial<Rules>) => setRules({ ...rules, ...changes })
  const save = async ({ reason = '' }: Record<string, string>) => {
    const body = { ...sentOf(rules), reason }
    await api.PUT('/api/v1/staff/flags/{key}', { params: { path: { key }, header: ifMatch(flag) }, body })
    say(t('flags.saved', { flag: key }))
    onClose()
    await queryClient.invalidateQueries({ queryKey: ['staff'] })
  }
  return (
    <Dialog open onClose={onClose} title={key}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{summary}</p>
              <SelectField
                name="state"
                label={t('flags.state')}
                value={rules.state}
                onChange={({ target }) => change({ state: states.find((each) => each === target.value) ?? 'rules' })}
                options={states.map((each) => [each, t(`flags.state.${each}`)])}
              />
              {rules.state === 'rules' && <RuleFields rules={rules} onChange={change} />}
              {rules.state !== 'off' && <ScheduleFields rules={rules} onChange={change} />}
              <Reach flag={key} rules={rules} />
              {rules.state === 'rules' && <NamedTenants of={key} />}
              <TextField
                name="reason"
                label={t('flags.reason')}
                help={t('flags.reasonHelp')}
                maxLength={500}
                required
              />
              <FlagHistory of={flag} />
            </div>
            <FormActions save={t('flags.save')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

interface FieldsProps {
  readonly rules: Rules
  readonly onChange: (changes: Partial<Rules>) => void
}

function RuleFields({ rules, onChange }: FieldsProps) {
  const t = useText()
  const plans = usePlans()
  return (
    <>
      <fieldset className="field">
        <legend>{t('flags.rolesLegend')}</legend>
        <div className="row">
          {roles.map((role) => (
            <Checkbox
              key={role}
              label={t(`flags.role.${role}`)}
              checked={rules.roles.includes(role)}
              onChange={() => onChange({ roles: toggled(rules.roles, role) })}
            />
          ))}
        </div>
      </fieldset>
      <fieldset className="field">
        <legend>{t('flags.plansLegend')}</legend>
        <div className="row">
          {plans.map(({ key, name }) => (
            <Checkbox
              key={key}
              label={name}
              checked={rules.plans.includes(key)}
              onChange={() => onChange({ plans: toggled(rules.plans, key) })}
            />
          ))}
        </div>
      </fieldset>
      <TextField
        name="percentage"
        label={t('flags.percentage')}
        help={t('flags.percentageHelp')}
        type="number"
        min={0}
        max={100}
        value={rules.percentage ?? ''}
        onChange={({ target }) => onChange({ percentage: target.value === '' ? null : Number(target.value) })}
      />
    </>
  )
}

function ScheduleFields({ rules, onChange }: FieldsProps) {
  const t = useText()
  return (
    <>
      {(['startsAt', 'endsAt'] as const).map((field) => (
        <TextField
          key={field}
          name={field}
          label={t(`flags.${field}`)}
          help={field === 'endsAt' ? t('flags.scheduleHelp') : undefined}
          type="datetime-local"
          value={localTime(rules[field])}
          onChange={({ target }) => onChange({ [field]: target.value === '' ? null : instantOf(target.value) })}
        />
      ))}
    </>
  )
}

function Reach({ flag: key, rules }: { flag: string; rules: Rules }) {
  const { t, region } = useLanguage()
  const { data } = useQuery({
    queryKey: ['staff', 'flags', key, 'reach', rules],
    queryFn: async () => {
      const params = { path: { key } }
      return required(await api.POST('/api/v1/staff/flags/{key}/preview', { params, body: sentOf(rules) }))
    },
    placeholderData: keepPreviousData,
  })
  if (!data) return <p className="quiet">{t('flags.counting')}</p>
  const figures = {
    everybody: data.everybody.toLocaleString(region),
    total: data.total.toLocaleString(region),
    some: data.someRoles.toLocaleString(region),
  }
  return (
    <output>
      <b>{t(data.someRoles > 0 ? 'flags.reachRoles' : 'flags.reach', figures)}</b>
    </output>
  )
}

function NamedTenants({ of: key }: { of: string }) {
  const t = useText()
  const { data } = useQuery({
    queryKey: ['staff', 'flags', key],
    queryFn: async () => required(await api.GET('/api/v1/staff/flags/{key}', { params: { path: { key } } })),
  })
  return (
    <div className="field">
      <span className="label">{t('flags.named')}</span>
      {data && data.tenants.length > 0 && (
        <ul>
          {data.tenants.map(({ id, name, on }) => (
            <li key={id}>
              <Link to={`/staff/tenants/${id}`} dir="auto">
                {name || id}
              </Link>{' '}
              {t(on ? 'flags.on' : 'flags.off')}
            </li>
          ))}
        </ul>
      )}
      <p className="help">{t('flags.namedHelp')}</p>
    </div>
  )
}

/** What the API takes of them; of a flag's other fields it wants to hear nothing. */
function sentOf({ state, roles: named, plans, percentage, startsAt, endsAt }: Rules): Rules {
  return { state, roles: named, plans, percentage, startsAt, endsAt }
}

function toggled<Value>(values: readonly Value[], value: Value): Value[] {
  return values.includes(value) ? values.filter((each) => each !== value) : [...values, value]
}

/** As the field for a date and a time has it, in the zone of whoever looks. */
function localTime(instant: string | null): string {
  if (instant === null) return ''
  const at = new Date(instant)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

function instantOf(local: string): string {
  return new Date(local).toISOString()
}
