import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { LifeBuoy } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { SelectField } from '#ui/field.tsx'
import { Form } from '#ui/form.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { EmptyState, ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, ifMatch, problemOf, required } from '#web/api.ts'
import { useListState } from '#web/list-state.ts'
import { ListView } from '#web/list-view.tsx'
import { queryClient } from '#web/query-client.ts'
import { useMay, useTenant } from '#web/session.ts'
import { useTitle } from '#web/title.ts'
import { SessionReason, SessionState, type SupportSession } from './session-words.tsx'

const askedEveryMs = 10_000

/** Who of the platform's staff looked into the organisation, who wants to, and whether they may. */
export default function SupportPage() {
  const t = useText()
  const tenant = useTenant()
  const may = useMay()
  const list = useListState<'-askedAt' | 'askedAt'>('-askedAt')
  useTitle(t('support.access'), tenant.name)
  const result = useQuery({
    queryKey: ['support-sessions', tenant.slug, list.query],
    queryFn: async () => required(await api.GET('/api/v1/support-sessions', { params: { query: list.query } })),
    placeholderData: keepPreviousData,
    refetchInterval: askedEveryMs,
  })
  return (
    <>
      <PageHeader title={t('support.access')}>{t('support.help')}</PageHeader>
      <Policy disabled={!may('support:update')} />
      <section className="section">
        <div className="section-head">
          <h2>{t('support.sessions')}</h2>
        </div>
        <ListView
          caption={t('support.sessions')}
          state={list}
          result={result}
          rowKey={({ id }) => id}
          columns={[
            { key: 'state', header: t('support.state'), cell: (session) => <SessionState of={session} /> },
            { key: 'staff', header: t('support.staff'), cell: ({ staff }) => staff.name },
            { key: 'member', header: t('support.as'), named: true, cell: ({ member }) => member.name },
            { key: 'reason', header: t('support.why'), cell: (session) => <SessionReason of={session} /> },
            {
              key: 'asked',
              header: t('support.asked'),
              named: true,
              sort: 'askedAt',
              cell: ({ askedAt }) => <When at={askedAt} />,
            },
            {
              key: 'decide',
              header: t('ui.actions'),
              align: 'acts',
              cell: (session) => may('support:update') && <Decision on={session} />,
            },
          ]}
          empty={
            <EmptyState icon={<LifeBuoy size={20} aria-hidden />} title={t('support.none')}>
              {t('support.noneHelp')}
            </EmptyState>
          }
        />
      </section>
    </>
  )
}

function Decision({ on: { id, state, staff, raiseReason, mayWrite } }: { on: SupportSession }) {
  const t = useText()
  const say = useToast()
  if (state === 'ended') return null
  const path = { path: { id } }
  const wantsToChange = state === 'open' && raiseReason !== null && !mayWrite
  const act = async (done: string, decide: () => Promise<unknown>) => {
    try {
      await decide()
      say(done)
    } catch (failure) {
      say(problemOf(failure).detail)
    }
    await queryClient.invalidateQueries({ queryKey: ['support-sessions'] })
  }
  const agree = () =>
    act(t(wantsToChange ? 'support.mayChange' : 'support.letIn', { name: staff.name }), () =>
      api.POST('/api/v1/support-sessions/{id}/approve', { params: path, body: { raise: wantsToChange } }),
    )
  const end = () =>
    act(t('support.turnedAway', { name: staff.name }), () =>
      api.POST('/api/v1/support-sessions/{id}/end', { params: path }),
    )
  return (
    <>
      {(state === 'waiting' || wantsToChange) && (
        <Button size="small" onClick={() => void agree()}>
          {t(wantsToChange ? 'support.allowChanges' : 'support.allow')}
        </Button>
      )}
      <Button size="small" tone="bare" onClick={() => void end()}>
        {t(state === 'waiting' ? 'support.refuse' : 'support.end')}
      </Button>
    </>
  )
}

const choices = ['on_approval', 'always', 'never'] as const

function Policy({ disabled }: { disabled: boolean }) {
  const t = useText()
  const { slug } = useTenant()
  const say = useToast()
  const { data, error, refetch } = useQuery({
    queryKey: ['support-policy', slug],
    queryFn: async () => required(await api.GET('/api/v1/support-policy')),
  })
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  const save = async ({ access = '' }: Record<string, string>) => {
    const body = { access: access as (typeof choices)[number] }
    await api.PUT('/api/v1/support-policy', { body, params: { header: ifMatch({ version: data?.version ?? 0 }) } })
    await refetch()
    say(t('support.policySaved'))
  }
  if (!data) return <span className="skeleton" />
  return (
    <div className="narrow">
      <Form key={data.version} onSubmit={save} failureOf={formFailure}>
        {(busy) => (
          <>
            <SelectField
              name="access"
              label={t('support.policy')}
              help={t('support.policyHelp')}
              defaultValue={data.access}
              disabled={disabled}
              options={choices.map((choice) => [choice, t(`support.policy.${choice}`)])}
            />
            {!disabled && (
              <div className="row">
                <Button type="submit" tone="primary" busy={busy}>
                  {t('ui.save')}
                </Button>
              </div>
            )}
          </>
        )}
      </Form>
    </div>
  )
}
