import { useQuery } from '@tanstack/react-query'
import { ExternalLink } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf } from '#web/api.ts'
import { supportAddress } from '#web/door.ts'
import { queryClient } from '#web/query-client.ts'
import { meQuery } from '#web/session.ts'
import type { SupportSession } from './session-words.tsx'

/** What staff can do with a session: go in, when it is theirs and open, and end it. */
export function SessionActions({
  session: { id, state, staff },
  tenant,
}: {
  session: SupportSession
  tenant: { id: string; slug: string | null }
}) {
  const t = useText()
  const say = useToast()
  const { data: me } = useQuery(meQuery)
  if (state === 'ended') return null
  const end = async () => {
    const params = { path: { id: tenant.id, sessionId: id } }
    try {
      await api.POST('/api/v1/staff/tenants/{id}/support-sessions/{sessionId}/end', { params })
      say(t('support.over'))
    } catch (failure) {
      say(problemOf(failure).detail)
    }
    await queryClient.invalidateQueries({ queryKey: ['staff'] })
  }
  return (
    <span className="row">
      {state === 'open' && staff.id === me?.id && tenant.slug !== null && (
        <a
          className="button small"
          href={supportAddress({ id, tenantId: tenant.id, slug: tenant.slug })}
          target="_blank"
          rel="noreferrer"
        >
          {t('support.enter')}
          <ExternalLink size={14} aria-hidden />
        </a>
      )}
      <Button size="small" tone="bare" onClick={() => void end()}>
        {t(state === 'waiting' ? 'support.withdraw' : 'support.end')}
      </Button>
    </span>
  )
}
