import { useText } from '#ui/text.tsx'
import { api } from '#web/api.ts'
import { MailedLink } from './mailed-link.tsx'

export default function BeginRecoveryPage() {
  const t = useText()
  return (
    <MailedLink
      title={t('identity.beginRecovery')}
      help={t('identity.beginRecoveryHelp')}
      label={t('identity.begin')}
      done={t('identity.recoveryBegun')}
      onUse={(token) => api.POST('/api/v1/account-recoveries/begin', { body: { token } })}
    />
  )
}
