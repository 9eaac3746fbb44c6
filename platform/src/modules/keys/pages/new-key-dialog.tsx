import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog } from '#ui/dialog.tsx'
import { Checkbox, SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions, FormProblem } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { NewKey } from './new-key.tsx'
import { serviceAccountsQuery } from './service-accounts-query.ts'

const dayMs = 86_400_000
const lifetimesDays = [30, 90, 365] as const

/** Makes a key, then shows it once: closing asks whether it was stored. */
export function NewKeyDialog({
  of,
  open,
  onClose,
}: {
  /** The service account that it is for; absent: chosen in the dialog. */
  of?: string
  open: boolean
  onClose: () => void
}) {
  const t = useText()
  const [key, setKey] = useState<string>()
  const close = () => {
    setKey(undefined)
    onClose()
  }
  if (key !== undefined) return <NewKey value={key} onDone={close} />
  return (
    <Dialog open={open} onClose={close} title={t('keys.create')}>
      <KeyForm of={of} onMade={setKey} onCancel={close} />
    </Dialog>
  )
}

function KeyForm({
  of,
  onMade,
  onCancel,
}: {
  of: string | undefined
  onMade: (key: string) => void
  onCancel: () => void
}) {
  const t = useText()
  const [account, setAccount] = useState(of ?? '')
  const create = async ({ name = '', days = '' }: Record<string, string>, data: FormData) => {
    const scopes = data.getAll('scopes').map(String)
    if (scopes.length === 0 && account === '') throw new FormProblem({ detail: t('keys.noScope') })
    const expiresAt = days === '' ? null : new Date(Date.now() + Number(days) * dayMs).toISOString()
    const ofAccount = account === '' ? {} : { serviceAccountId: account }
    const narrowed = scopes.length === 0 ? {} : { scopes }
    const made = required(await api.POST('/api/v1/keys', { body: { name, expiresAt, ...ofAccount, ...narrowed } }))
    await queryClient.invalidateQueries({ queryKey: ['keys'] })
    await queryClient.invalidateQueries({ queryKey: ['serviceAccounts'] })
    onMade(made.key)
  }
  return (
    <Form onSubmit={create} failureOf={formFailure}>
      {(busy) => (
        <>
          <div className="body">
            <TextField name="name" label={t('keys.name')} help={t('keys.nameHelp')} maxLength={100} required />
            {of === undefined && <AccountField value={account} onChange={setAccount} />}
            <SelectField
              name="days"
              label={t('keys.expires')}
              defaultValue="90"
              options={[
                ...lifetimesDays.map((count) => [String(count), t('keys.days', { count })] as const),
                ['', t('keys.never')],
              ]}
            />
            <ScopesField narrows={account !== ''} />
          </div>
          <FormActions save={t('keys.create')} busy={busy} onCancel={onCancel} />
        </>
      )}
    </Form>
  )
}

function AccountField({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const t = useText()
  const may = useMay()
  const { slug } = useTenant()
  const { data: accounts = [] } = useQuery({ ...serviceAccountsQuery(slug), enabled: may('serviceAccount:read') })
  return (
    <SelectField
      name="account"
      label={t('keys.account')}
      help={t('keys.accountHelp')}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      options={[['', t('keys.ofItsOwn')], ...accounts.map(({ id, name }) => [id, name] as const)]}
    />
  )
}

function ScopesField({ narrows }: { narrows: boolean }) {
  const t = useText()
  const { permissions } = useTenant()
  return (
    <fieldset className="field">
      <legend>{t('keys.scopes')}</legend>
      {narrows && <p className="help">{t('keys.scopesNarrow')}</p>}
      <div className="scopes">
        {permissions.toSorted().map((permission) => (
          <Checkbox
            key={permission}
            name="scopes"
            value={permission}
            label={<span className="mono">{permission}</span>}
          />
        ))}
      </div>
    </fieldset>
  )
}
