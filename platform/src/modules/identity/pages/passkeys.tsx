import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions, FormProblem } from '#ui/form.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Table } from '#ui/table.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import { deviceOf } from '#web/device.ts'
import { hasPasskeys, makePasskey, NoPasskey } from '#web/passkey.ts'
import { queryClient } from '#web/query-client.ts'
import { CodesOrElse } from './second-factor-dialogs.tsx'

type Passkey = operations['passkeys.list']['responses'][200]['content']['application/json']['items'][number]
type Layer = { readonly kind: 'add' } | { readonly kind: 'rename' | 'remove'; readonly passkey: Passkey }

const passkeysKey = ['passkeys']

/** The passkeys of an account: add, call otherwise, remove. */
export function Passkeys() {
  const t = useText()
  const [layer, setLayer] = useState<Layer>()
  const { data, error, refetch } = useQuery({
    queryKey: passkeysKey,
    queryFn: async () => required(await api.GET('/api/v1/me/passkeys')),
  })
  const close = () => {
    setLayer(undefined)
    for (const queryKey of [passkeysKey, ['second-factor'], ['sessions']])
      void queryClient.invalidateQueries({ queryKey })
  }
  return (
    <section className="section stack">
      <h2>{t('identity.passkeys')}</h2>
      <p className="quiet">{t('identity.passkeysHelp')}</p>
      {error && <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />}
      {data?.items.length === 0 && <p>{t('identity.noPasskeys')}</p>}
      {!error && data?.items.length !== 0 && <PasskeyTable items={data?.items} onAct={setLayer} />}
      {hasPasskeys() ? (
        <div className="row">
          <Button onClick={() => setLayer({ kind: 'add' })}>{t('identity.addPasskey')}</Button>
        </div>
      ) : (
        <p className="quiet">{t('identity.passkeysUnavailable')}</p>
      )}
      <CodesOrElse open={layer?.kind === 'add'} onClose={close} title={t('identity.addPasskey')}>
        {(show) => <AddForm onAdded={(codes) => (codes.length > 0 ? show(codes) : close())} onCancel={close} />}
      </CodesOrElse>
      <Dialog open={layer?.kind === 'rename'} onClose={close} title={t('identity.renamePasskey')}>
        {layer?.kind === 'rename' && <RenameForm passkey={layer.passkey} onDone={close} />}
      </Dialog>
      <Dialog open={layer?.kind === 'remove'} onClose={close} title={t('identity.removePasskey')}>
        {layer?.kind === 'remove' && <RemoveForm passkey={layer.passkey} onDone={close} />}
      </Dialog>
    </section>
  )
}

function PasskeyTable({ items, onAct }: { items: readonly Passkey[] | undefined; onAct: (layer: Layer) => void }) {
  const t = useText()
  return (
    <Table
      caption={t('identity.passkeys')}
      rows={items}
      rowKey={({ id }) => id}
      columns={[
        { key: 'name', header: t('identity.passkeyName'), cell: ({ name }) => name },
        { key: 'added', header: t('identity.added'), named: true, cell: ({ createdAt }) => <When at={createdAt} /> },
        {
          key: 'used',
          header: t('identity.lastUsed'),
          named: true,
          cell: ({ lastUsedAt }) => (lastUsedAt === null ? t('identity.never') : <When at={lastUsedAt} />),
        },
        {
          key: 'acts',
          header: t('identity.actions'),
          align: 'acts',
          cell: (passkey) => (
            <>
              <Button size="small" tone="bare" onClick={() => onAct({ kind: 'rename', passkey })}>
                {t('identity.rename')}
              </Button>
              <Button size="small" tone="bare" onClick={() => onAct({ kind: 'remove', passkey })}>
                {t('identity.remove')}
              </Button>
            </>
          ),
        },
      ]}
    />
  )
}

function AddForm({ onAdded, onCancel }: { onAdded: (codes: readonly string[]) => void; onCancel: () => void }) {
  const t = useText()
  const say = useToast()
  const add = async ({ name = '' }: Record<string, string>) => {
    const registration = await makePasskey().catch((error: unknown) => {
      throw error instanceof NoPasskey ? new FormProblem({ detail: t('identity.noPasskeyMade') }) : error
    })
    const { recoveryCodes } = required(await api.POST('/api/v1/me/passkeys', { body: { name, registration } }))
    say(t('identity.passkeyAdded'))
    onAdded(recoveryCodes)
  }
  return (
    <Form onSubmit={add} failureOf={formFailure}>
      {(busy) => (
        <>
          <div className="body">
            <p>{t('identity.addPasskeyHelp')}</p>
            <TextField
              name="name"
              label={t('identity.passkeyName')}
              defaultValue={deviceOf(navigator.userAgent)}
              maxLength={60}
              required
            />
          </div>
          <FormActions save={t('identity.goOn')} busy={busy} onCancel={onCancel} />
        </>
      )}
    </Form>
  )
}

function RenameForm({ passkey, onDone }: { passkey: Passkey; onDone: () => void }) {
  const t = useText()
  const rename = async ({ name = '' }: Record<string, string>) => {
    await api.PATCH('/api/v1/me/passkeys/{id}', { params: { path: { id: passkey.id } }, body: { name } })
    onDone()
  }
  return (
    <Form onSubmit={rename} failureOf={formFailure}>
      {(busy) => (
        <>
          <div className="body">
            <TextField
              name="name"
              label={t('identity.passkeyName')}
              defaultValue={passkey.name}
              maxLength={60}
              required
            />
          </div>
          <FormActions save={t('identity.save')} busy={busy} onCancel={onDone} />
        </>
      )}
    </Form>
  )
}

function RemoveForm({ passkey, onDone }: { passkey: Passkey; onDone: () => void }) {
  const t = useText()
  const say = useToast()
  const remove = async () => {
    await api.DELETE('/api/v1/me/passkeys/{id}', { params: { path: { id: passkey.id } } })
    say(t('identity.passkeyRemoved'))
    onDone()
  }
  return (
    <Form onSubmit={remove} failureOf={formFailure}>
      {(busy) => (
        <>
          <div className="body">
            <p>{t('identity.removePasskeyHelp', { name: passkey.name })}</p>
          </div>
          <FormActions save={t('identity.remove')} tone="danger" busy={busy} onCancel={onDone} />
        </>
      )}
    </Form>
  )
}
