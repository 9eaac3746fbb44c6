import { Dialog } from '#ui/dialog.tsx'
import { SelectField, TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure } from '#web/api.ts'
import { usePlans } from '#web/plans.ts'
import { queryClient } from '#web/query-client.ts'
import type { Tenant } from './tenant-state.tsx'

/** Gives a tenant another plan, with a reason. */
export function PlanDialog({ tenant, onClose }: { tenant: Tenant; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const plans = usePlans()
  const { id, name } = tenant
  const save = async ({ plan = '', reason = '' }: Record<string, string>) => {
    await api.POST('/api/v1/staff/tenants/{id}/change-plan', { params: { path: { id } }, body: { plan, reason } })
    say(t('staff.changePlan.done', { name, plan: plans.find(({ key }) => key === plan)?.name ?? plan }))
    onClose()
    await queryClient.invalidateQueries({ queryKey: ['staff'] })
  }
  return (
    <Dialog open onClose={onClose} title={t('staff.changePlan.title', { name })}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t('staff.changePlan.help')}</p>
              <SelectField
                name="plan"
                label={t('staff.plan')}
                defaultValue={tenant.plan}
                options={plans.map(({ key, name: label, weight }) => [
                  key,
                  t('staff.changePlan.option', { name: label, weight }),
                ])}
              />
              <TextField
                name="reason"
                label={t('staff.reason')}
                help={t('staff.reasonHelp')}
                maxLength={500}
                required
              />
            </div>
            <FormActions save={t('staff.changePlan')} busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
