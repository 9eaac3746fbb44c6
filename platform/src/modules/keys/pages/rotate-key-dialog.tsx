import { useState } from 'react'
import { Dialog } from '#ui/dialog.tsx'
import { SelectField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import type { Key } from './key-table.tsx'
import { NewKey } from './new-key.tsx'

const overlapsHours = [1, 24, 168] as const

/** Makes a key in place of one, which works on for a while, and shows the new one once. */
export function RotateKeyDialog({
  of: { id, name },
  open,
  onClose,
}: {
  of: Pick<Key, 'id' | 'name'>
  open: boolean
  onClose: () => void
}) {
  const t = useText()
  const [made, setMade] = useState<string>()
  const rotate = async ({ hours = '' }: Record<string, string>) => {
    const asked = { params: { path: { id } }, body: { overlapHours: Number(hours) } }
    setMade(required(await api.POST('/api/v1/keys/{id}/rotate', asked)).key)
  }
  const close = async () => {
    setMade(undefined)
    onClose()
    await queryClient.invalidateQueries({ queryKey: ['keys'] })
  }
  if (made !== undefined) return <NewKey value={made} onDone={() => void close()} />
  return (
    <Dialog open={open} onClose={onClose} title={t('keys.rotateTitle', { name })}>
      <Form onSubmit={rotate} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p className="quiet">{t('keys.rotateHelp')}</p>
              <SelectField
                name="hours"
                label={t('keys.overlap')}
                defaultValue="24"
                options={[
                  ['0', t('keys.overlapNone')],
                  ...overlapsHours.map((hours) => [String(hours), t('keys.overlapHours', { count: hours })] as const),
                ]}
              />
            </div>
            <FormActions save={t('keys.rotate')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
