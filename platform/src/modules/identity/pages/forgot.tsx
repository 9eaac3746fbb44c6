import { useText } from '#ui/text.tsx'
import { api } from '#web/api.ts'
import { AskForLink } from './ask-for-link.tsx'

export default function ForgotPage() {
  const t = useText()
  return (
    <AskForLink
      title={t('identity.forgot')}
      help={t('identity.forgotHelp')}
      onAsk={(email) => api.POST('/api/v1/password-resets', { body: { email } })}
    />
  )
}
