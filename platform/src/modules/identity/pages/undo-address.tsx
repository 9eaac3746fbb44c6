import { useText } from '#ui/text.tsx'
import { api } from '#web/api.ts'
import { MailedLink } from './mailed-link.tsx'

export default function UndoAddressPage() {
  const t = useText()
  return (
    <MailedLink
      title={t('identity.undoAddress')}
      help={t('identity.undoAddressHelp')}
      label={t('identity.undo')}
      done={t('identity.addressUndone')}
      onUse={(token) => api.POST('/api/v1/email-changes/undo', { body: { token } })}
    />
  )
}
