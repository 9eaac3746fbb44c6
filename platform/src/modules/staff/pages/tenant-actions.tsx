import { Eye, Layers, type LucideIcon, OctagonPause, RotateCcw, Trash2, Undo2, XCircle } from 'lucide-react'
import { useState } from 'react'
import { useNowMs } from '#ui/date.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { TextField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure } from '#web/api.ts'
import { usePlans } from '#web/plans.ts'
import { queryClient } from '#web/query-client.ts'
import { PlanDialog } from './plan-dialog.tsx'
import type { State, Tenant } from './tenant-state.tsx'

interface Input {
  readonly reason: string
  readonly slug: string
}

interface Action {
  /** Also the end of the keys of its words. */
  readonly name: 'readOnly' | 'suspend' | 'reactivate' | 'cancel' | 'restore' | 'purge'
  readonly icon: LucideIcon
  /** The states that it starts from. */
  readonly from: readonly State[]
  /** Whether it closes the tenant: marked as such, and confirmed by typing the slug where that cannot be taken back easily. */
  readonly ends: 'no' | 'soon' | 'confirmed'
  readonly run: (id: string, input: Input) => Promise<unknown>
}

const at = (id: string) => ({ path: { id } })
const actions: readonly Action[] = [
  {
    name: 'reactivate',
    icon: RotateCcw,
    from: ['read_only', 'suspended'],
    ends: 'no',
    run: (id, { reason }) => api.POST('/api/v1/staff/tenants/{id}/reactivate', { params: at(id), body: { reason } }),
  },
  {
    name: 'restore',
    icon: Undo2,
    from: ['cancelled'],
    ends: 'no',
    run: (id, { reason }) => api.POST('/api/v1/staff/tenants/{id}/restore', { params: at(id), body: { reason } }),
  },
  {
    name: 'readOnly',
    icon: Eye,
    from: ['active', 'suspended'],
    ends: 'no',
    run: (id, { reason }) =>
      api.POST('/api/v1/staff/tenants/{id}/suspend', { params: at(id), body: { mode: 'read_only', reason } }),
  },
  {
    name: 'suspend',
    icon: OctagonPause,
    from: ['active', 'read_only'],
    ends: 'soon',
    run: (id, { reason }) =>
      api.POST('/api/v1/staff/tenants/{id}/suspend', { params: at(id), body: { mode: 'blocked', reason } }),
  },
  {
    name: 'cancel',
    icon: XCircle,
    from: ['active', 'read_only', 'suspended'],
    ends: 'confirmed',
    run: (id, body) => api.POST('/api/v1/staff/tenants/{id}/cancel', { params: at(id), body }),
  },
  {
    name: 'purge',
    icon: Trash2,
    from: ['cancelled'],
    ends: 'confirmed',
    run: (id, body) => api.POST('/api/v1/staff/tenants/{id}/purge', { params: at(id), body }),
  },
]

/** What staff can do with a tenant in its state, each behind a dialog that asks why. */
export function TenantActions({ tenant }: { tenant: Tenant }) {
  const t = useText()
  const [asking, setAsking] = useState<Action>()
  const [changingPlan, setChangingPlan] = useState(false)
  const hasChoice = usePlans().length > 1 && tenant.state !== 'purged'
  const isGraceOver = useNowMs() >= Date.parse(tenant.purgeAfter ?? tenant.createdAt)
  const possible = actions.filter(({ from }) => from.includes(tenant.state))
  return (
    <section>
      <div className="section-head">
        <h2>{t('staff.actions')}</h2>
      </div>
      {possible.length === 0 && !hasChoice && <p className="quiet">{t('staff.noActions')}</p>}
      {(possible.length > 0 || hasChoice) && (
        <ul className="action-list">
          {hasChoice && (
            <li>
              <button type="button" onClick={() => setChangingPlan(true)}>
                <Layers size={16} aria-hidden />
                <b>{t('staff.changePlan')}</b>
                <small>{t('staff.changePlan.short')}</small>
              </button>
            </li>
          )}
          {possible.map((action) => (
            <li key={action.name}>
              <button
                type="button"
                className={action.ends === 'no' ? '' : 'ends'}
                disabled={action.name === 'purge' && !isGraceOver}
                onClick={() => setAsking(action)}
              >
                <action.icon size={16} aria-hidden />
                <b>{t(`staff.${action.name}`)}</b>
                <small>{t(`staff.${action.name}.short`)}</small>
              </button>
            </li>
          ))}
        </ul>
      )}
      {changingPlan && <PlanDialog tenant={tenant} onClose={() => setChangingPlan(false)} />}
      {asking && <ActionDialog action={asking} tenant={tenant} onClose={() => setAsking(undefined)} />}
    </section>
  )
}

function ActionDialog({ action, tenant, onClose }: { action: Action; tenant: Tenant; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const { id, name, slug } = tenant
  const save = async (values: Record<string, string>) => {
    await action.run(id, { reason: values['reason'] ?? '', slug: values['slug'] ?? '' })
    say(t(`staff.${action.name}.done`, { name }))
    onClose()
    await queryClient.invalidateQueries({ queryKey: ['staff'] })
  }
  return (
    <Dialog open onClose={onClose} title={t(`staff.${action.name}.title`, { name })}>
      <Form onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t(`staff.${action.name}.help`)}</p>
              <TextField
                name="reason"
                label={t('staff.reason')}
                help={t('staff.reasonHelp')}
                maxLength={500}
                required
              />
              {action.ends === 'confirmed' && (
                <TextField
                  name="slug"
                  label={t('staff.typeSlug', { slug: slug ?? '' })}
                  autoComplete="off"
                  maxLength={40}
                  required
                />
              )}
            </div>
            <FormActions
              save={t(`staff.${action.name}`)}
              tone={action.ends === 'no' ? 'primary' : 'danger'}
              busy={busy}
              dismiss={action.name === 'cancel' ? t('ui.back') : undefined}
              onCancel={onClose}
            />
          </>
        )}
      </Form>
    </Dialog>
  )
}
