import { Dialog } from '#ui/dialog.tsx'
import { SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { api, formFailure, ifMatch } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import type { Stream } from './stream-menu.tsx'

type Format = Stream['format']

/** Changes where a stream leads, its name and its format. */
export function StreamDialog({ open, stream, onClose }: { open: boolean; stream: Stream; onClose: () => void }) {
  const t = useText()
  const { id } = stream
  const save = async ({ name = '', url = '', format }: Record<string, string>) => {
    const body = { name, url, format: format as Format }
    await api.PATCH('/api/v1/audit-streams/{id}', { params: { path: { id } }, body, headers: ifMatch(stream) })
    await queryClient.invalidateQueries({ queryKey: ['audit-streams'] })
    onClose()
  }
  return (
    <Dialog open={open} onClose={onClose} title={t('audit.editStream')}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <StreamFields stream={stream} />
            </div>
            <FormActions save={t('audit.save')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

export function StreamFields({ stream }: { stream?: Pick<Stream, 'name' | 'url' | 'format'> }) {
  const t = useText()
  return (
    <>
      <TextField
        name="name"
        label={t('audit.streamName')}
        help={t('audit.streamNameHelp')}
        maxLength={100}
        defaultValue={stream?.name}
        required
      />
      <TextField
        name="url"
        type="url"
        label={t('audit.destination')}
        help={t('audit.destinationHelp')}
        maxLength={2000}
        defaultValue={stream?.url}
        required
      />
      <SelectField
        name="format"
        label={t('audit.format')}
        defaultValue={stream?.format ?? 'jsonl'}
        options={[
          ['jsonl', t('audit.format.jsonl')],
          ['cloudevents', t('audit.format.cloudevents')],
        ]}
      />
    </>
  )
}
