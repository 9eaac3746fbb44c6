import { useText } from '#ui/text.tsx'
import { api } from '#web/api.ts'
import { MailedLink } from './mailed-link.tsx'

export default function CancelRecoveryPage() {
  const t = useText()
  return (
    <MailedLink
      title={t('identity.cancelRecovery')}
      help={t('identity.cancelRecoveryHelp')}
      label={t('identity.cancelIt')}
      done={t('identity.recoveryCancelled')}
      onUse={(token) => api.POST('/api/v1/account-recoveries/cancel', { body: { token } })}
    />
  )
}
