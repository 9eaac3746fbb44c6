import { Button } from '#ui/button.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf } from '#web/api.ts'
import { isDemo } from '#web/demo.ts'
import { SignedOut } from '#web/signed-out.tsx'

/** An account waits for its address to be confirmed: where to look, and the same mail again. */
export function CheckMail({ email }: { email: string }) {
  const t = useText()
  const say = useToast()
  const resend = async () => {
    try {
      await api.POST('/api/v1/verifications', { body: { email } })
      say(t('identity.sentAgain', { email }))
    } catch (error) {
      say(problemOf(error).detail)
    }
  }
  return (
    <SignedOut title={t('identity.checkMail')}>
      <p className="quiet">{t('identity.checkMailHelp', { email })}</p>
      <DemoInbox />
      <div className="row">
        <Button onClick={() => void resend()}>{t('identity.resend')}</Button>
      </div>
    </SignedOut>
  )
}

/** Where the mail of a demo goes. */
export function DemoInbox() {
  const t = useText()
  if (!isDemo) return null
  return (
    <p className="quiet">
      {t('identity.demoInbox')}{' '}
      <a className="link" href="/dev/inbox">
        /dev/inbox
      </a>
    </p>
  )
}
