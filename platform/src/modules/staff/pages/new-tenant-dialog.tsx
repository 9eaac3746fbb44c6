import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Dialog } from '#ui/dialog.tsx'
import { SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import type { Tenant } from './tenant-state.tsx'

const models: readonly Tenant['model'][] = ['pool', 'bridge', 'silo']

/** Founds a tenant for somebody, in the place that staff choose. */
export function NewTenantDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const navigate = useNavigate()
  const create = async ({
    name = '',
    slug = '',
    owner = '',
    model,
    place = '',
    reason = '',
  }: Record<string, string>) => {
    const body = { name, owner, model: model as Tenant['model'], reason, ...placeNamed(place) }
    const asked = slug === '' ? body : { ...body, slug }
    const tenant = required(await api.POST('/api/v1/staff/tenants', { body: asked }))
    say(t('staff.create.done', { name }))
    await queryClient.invalidateQueries({ queryKey: ['staff'] })
    await navigate({ to: `/staff/tenants/${tenant.id}` })
  }
  return (
    <Dialog open={open} onClose={onClose} title={t('staff.create')}>
      <Form onSubmit={create} failureOf={formFailure}>
        {(busy) => (
          <>
            <TenantFields />
            <FormActions save={t('staff.create')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}

function TenantFields() {
  const t = useText()
  const places = usePlaces()
  return (
    <div className="body">
      <TextField name="name" label={t('staff.name')} maxLength={100} required />
      <TextField
        name="slug"
        label={t('staff.slug')}
        help={t('staff.create.slugHelp')}
        autoComplete="off"
        maxLength={40}
      />
      <TextField
        name="owner"
        type="email"
        label={t('staff.create.owner')}
        help={t('staff.create.ownerHelp')}
        autoComplete="off"
        required
      />
      <SelectField
        name="model"
        label={t('staff.model')}
        help={t('staff.create.modelHelp')}
        options={models.map((each) => [each, t(`staff.model.${each}.long`)])}
      />
      {places.length > 1 && (
        <SelectField name="place" label={t('staff.create.place')} help={t('staff.create.placeHelp')} options={places} />
      )}
      <TextField name="reason" label={t('staff.reason')} help={t('staff.reasonHelp')} maxLength={500} required />
    </div>
  )
}

/** Any cell of a region, or one by name. */
function usePlaces(): [value: string, label: string][] {
  const t = useText()
  const { data } = useQuery({
    queryKey: ['staff', 'cells'],
    queryFn: async () => required(await api.GET('/api/v1/staff/cells')).items,
  })
  const cells = data ?? []
  const regions = new Set(cells.filter(({ reserved }) => !reserved).map(({ region }) => region))
  return [
    ...[...regions].map((region): [string, string] => [`region ${region}`, t('staff.create.anyCell', { region })]),
    ...cells.map(({ name, region, reserved }): [string, string] => [
      `cell ${name}`,
      t(reserved ? 'staff.create.reservedCell' : 'staff.create.cell', { cell: name, region }),
    ]),
  ]
}

function placeNamed(place: string): { region?: string; cell?: string } {
  const [kind, name] = place.split(' ')
  if (name === undefined) return {}
  return kind === 'region' ? { region: name } : { cell: name }
}
