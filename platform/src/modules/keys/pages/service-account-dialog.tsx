import { Dialog } from '#ui/dialog.tsx'
import { TextArea, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import type { ServiceAccount } from './service-accounts-query.ts'

/** Makes a service account, or changes what one is called. */
export function ServiceAccountDialog({
  account,
  open,
  onClose,
  onSaved,
}: {
  /** Absent: a new one. */
  account?: ServiceAccount
  open: boolean
  onClose: () => void
  onSaved: (account: ServiceAccount) => void
}) {
  const t = useText()
  const save = async ({ name = '', description = '' }: Record<string, string>) => {
    const saved = await saveAccount(account, { name, description })
    await queryClient.invalidateQueries({ queryKey: ['serviceAccounts'] })
    onSaved(saved)
  }
  return (
    <Dialog open={open} onClose={onClose} title={t(account ? 'keys.editAccount' : 'keys.newAccount')}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <TextField
                name="name"
                label={t('keys.accountName')}
                defaultValue={account?.name}
                maxLength={60}
                required
              />
              <TextArea
                name="description"
                label={t('keys.description')}
                defaultValue={account?.description}
                rows={2}
                maxLength={500}
              />
            </div>
            <FormActions save={t(account ? 'ui.save' : 'keys.createAccount')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

async function saveAccount(
  account: ServiceAccount | undefined,
  body: { name: string; description: string },
): Promise<ServiceAccount> {
  if (!account) return required(await api.POST('/api/v1/service-accounts', { body }))
  const params = { path: { id: account.id } }
  const headers = { 'If-Match': `"${account.version}"` }
  return required(await api.PATCH('/api/v1/service-accounts/{id}', { params, headers, body }))
}
