import { useText } from '#ui/text.tsx'
import { api } from '#web/api.ts'
import { MailedLink } from './mailed-link.tsx'

export default function VerifyPage() {
  const t = useText()
  return (
    <MailedLink
      title={t('identity.verify')}
      label={t('identity.confirm')}
      done={t('identity.verified')}
      onUse={(token) => api.POST('/api/v1/accounts/verify', { body: { token } })}
    />
  )
}
