import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '#ui/button.tsx'
import { When } from '#ui/date.tsx'
import { Dialog } from '#ui/dialog.tsx'
import { Facts } from '#ui/facts.tsx'
import { PasswordField } from '#ui/field.tsx'
import { Form, FormActions } from '#ui/form.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { ErrorState } from '#ui/states.tsx'
import { Status } from '#ui/status.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, formFailure, problemOf, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'
import { useTitle } from '#web/title.ts'
import { Passkeys } from './passkeys.tsx'
import { CodeField, RecoveryCodesDialog, SetUpDialog } from './second-factor-dialogs.tsx'

const secondFactorKey = ['second-factor']

/** What stands between somebody else and this account, beside the password. */
export default function SecurityPage() {
  const t = useText()
  useTitle(t('identity.security'))
  return (
    <main className="main narrow" id="content">
      <PageHeader
        crumbs={
          <Link className="link" to="/account">
            {t('identity.account')}
          </Link>
        }
        title={t('identity.security')}
      />
      <Passkeys />
      <SecondFactor />
    </main>
  )
}

type Layer = 'set-up' | 'codes' | 'off'

function SecondFactor() {
  const t = useText()
  const [layer, setLayer] = useState<Layer>()
  const { data, error, refetch } = useQuery({
    queryKey: secondFactorKey,
    queryFn: async () => required(await api.GET('/api/v1/me/second-factor')),
  })
  if (error) return <ErrorState {...problemOf(error)} onRetry={() => void refetch()} />
  const close = () => {
    setLayer(undefined)
    void queryClient.invalidateQueries({ queryKey: secondFactorKey })
  }
  return (
    <section className="section stack" aria-busy={!data}>
      <h2>{t('identity.secondFactor')}</h2>
      <p className="quiet">{t('identity.secondFactorHelp')}</p>
      {data && (
        <>
          <Facts
            lines
            entries={[
              [
                t('identity.state'),
                data.authenticatorAt === null ? (
                  <Status key="off" look="open">
                    {t('identity.off')}
                  </Status>
                ) : (
                  <Status key="on" look="good">
                    {t('identity.on')}
                  </Status>
                ),
              ],
              ...(data.authenticatorAt === null
                ? []
                : [[t('identity.since'), <When key="since" at={data.authenticatorAt} />] as const]),
              ...(data.enabledAt === null
                ? []
                : [[t('identity.recoveryCodes'), t('identity.codesLeft', { count: data.recoveryCodesLeft })] as const]),
            ]}
          />
          <div className="row">
            {data.authenticatorAt === null && (
              <Button tone="primary" onClick={() => setLayer('set-up')}>
                {t('identity.setUp')}
              </Button>
            )}
            {data.enabledAt !== null && <Button onClick={() => setLayer('codes')}>{t('identity.newCodes')}</Button>}
            {data.authenticatorAt !== null && (
              <Button tone="danger" onClick={() => setLayer('off')}>
                {t('identity.turnOff')}
              </Button>
            )}
          </div>
        </>
      )}
      <SetUpDialog open={layer === 'set-up'} onClose={close} />
      <RecoveryCodesDialog open={layer === 'codes'} onClose={close} />
      <TurnOffDialog open={layer === 'off'} onClose={close} />
    </section>
  )
}

function TurnOffDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const t = useText()
  const say = useToast()
  const turnOff = async ({ currentPassword = '', code = '' }: Record<string, string>) => {
    await api.POST('/api/v1/me/second-factor/disable', { body: { currentPassword, code } })
    say(t('identity.turnedOff'))
    onClose()
  }
  return (
    <Dialog open={open} onClose={onClose} title={t('identity.turnOff')}>
      <Form onSubmit={turnOff} failureOf={formFailure}>
        {(busy) => (
          <>
            <div className="body">
              <p>{t('identity.turnOffHelp')}</p>
              <PasswordField
                name="currentPassword"
                label={t('identity.currentPassword')}
                autoComplete="current-password"
                required
              />
              <CodeField />
            </div>
            <FormActions save={t('identity.turnOff')} tone="danger" busy={busy} onCancel={onClose} />
          </>
        )}
      </Form>
    </Dialog>
  )
}
