import { useText } from '#ui/text.tsx'
import { api } from '#web/api.ts'
import { AskForLink } from './ask-for-link.tsx'

export default function RecoverPage() {
  const t = useText()
  return (
    <AskForLink
      title={t('identity.recover')}
      help={t('identity.recoverHelp')}
      onAsk={(email) => api.POST('/api/v1/account-recoveries', { body: { email } })}
    />
  )
}
