import { useText } from '#ui/text.tsx'
import { api } from '#web/api.ts'
import { MailedLink } from './mailed-link.tsx'

export default function ConfirmAddressPage() {
  const t = useText()
  return (
    <MailedLink
      title={t('identity.newAddress')}
      help={t('identity.newAddressHelp')}
      label={t('identity.useAddress')}
      done={t('identity.addressChanged')}
      onUse={(token) => api.POST('/api/v1/email-changes/confirm', { body: { token } })}
    />
  )
}
