import { useState } from 'react'
import { Dialog } from '#ui/dialog.tsx'
import { Checkbox, SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useLanguage, useText } from '#ui/text.tsx'
import { formFailure } from '#web/api.ts'
import type { Clause, PermissionFacts } from './access-queries.ts'
import { weekdayName } from './condition-words.ts'

const kinds = ['self', 'among', 'emailDomain', 'kind', 'network', 'time'] as const
type Kind = (typeof kinds)[number]
const weekdays = [1, 2, 3, 4, 5, 6, 7]
const zoneHere = new Intl.DateTimeFormat().resolvedOptions().timeZone

/** Asks for one clause of a condition; the server judges it when the role is saved. */
export function ConditionDialog({
  facts,
  open,
  onClose,
  onAdd,
}: {
  facts: readonly PermissionFacts[]
  open: boolean
  onClose: () => void
  onAdd: (permission: string, clause: Clause) => void
}) {
  const t = useText()
  const [permission = facts[0]?.permission ?? '', setPermission] = useState<string>()
  const [chosenKind, setKind] = useState<Kind>('network')
  const attributes = facts.find((each) => each.permission === permission)?.attributes ?? []
  const offered = kinds.filter((kind) => attributes.length > 0 || (kind !== 'self' && kind !== 'among'))
  const kind = offered.includes(chosenKind) ? chosenKind : 'network'
  const add = async (values: Record<string, string>, data: FormData) => {
    onAdd(permission, clauseOf(kind, values, data.getAll('days').map(Number)))
    onClose()
  }
  return (
    <Dialog open={open} onClose={onClose} title={t('access.addCondition')}>
      <Form onSubmit={add} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <SelectField
                name="permission"
                label={t('access.permission')}
                value={permission}
                onChange={(event) => setPermission(event.target.value)}
                options={facts.map((each) => [each.permission, each.permission])}
              />
              <SelectField
                name="kind"
                label={t('access.condition')}
                value={kind}
                onChange={(event) => setKind(event.target.value as Kind)}
                options={offered.map((each) => [each, t(`access.condition.${each}`)])}
              />
              <ClauseFields kind={kind} attributes={attributes} />
            </div>
            <FormActions save={t('access.addCondition')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

function ClauseFields({ kind, attributes }: { kind: Kind; attributes: readonly string[] }) {
  const { t, region } = useLanguage()
  if (kind === 'time') {
    return (
      <>
        <div className="pair">
          <TextField name="from" type="time" label={t('access.from')} defaultValue="08:00" required />
          <TextField name="until" type="time" label={t('access.until')} defaultValue="18:00" required />
        </div>
        <TextField name="zone" label={t('access.zone')} defaultValue={zoneHere} required />
        <fieldset className="field">
          <legend>{t('access.days')}</legend>
          <div className="row">
            {weekdays.map((day) => (
              <Checkbox key={day} name="days" value={day} defaultChecked={day <= 5} label={weekdayName(day, region)} />
            ))}
          </div>
        </fieldset>
      </>
    )
  }
  if (kind === 'kind') {
    return (
      <SelectField
        name="values"
        label={t('access.actor')}
        options={(['person', 'serviceAccount', 'key'] as const).map((each) => [each, t(`access.actor.${each}`)])}
      />
    )
  }
  return (
    <>
      {(kind === 'self' || kind === 'among') && (
        <SelectField name="attribute" label={t('access.attribute')} options={attributes.map((each) => [each, each])} />
      )}
      {kind !== 'self' && (
        <TextField name="values" label={t('access.values')} help={t(`access.valuesHelp.${kind}`)} required />
      )}
    </>
  )
}

function clauseOf(kind: Kind, values: Record<string, string>, days: number[]): Clause {
  const { attribute = '', from = '', until = '', zone = '' } = values
  const listed = (values['values'] ?? '').split(',').flatMap((each) => each.trim() || [])
  if (kind === 'self') return { record: attribute, is: 'actor' }
  if (kind === 'among') return { record: attribute, in: listed }
  if (kind === 'network') return { network: listed }
  if (kind === 'time') {
    const isEveryDay = days.length === 0 || days.length === weekdays.length
    return { time: { from, until, zone, ...(isEveryDay ? {} : { days }) } }
  }
  return { actor: kind, in: kind === 'emailDomain' ? listed.map((each) => each.toLowerCase()) : listed }
}
