import { CloudOff, SearchX } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from './button.tsx'
import { useText } from './text.tsx'

/** Nothing is there yet: says what would be, and how to begin. */
export function EmptyState({
  icon,
  title,
  children,
  action,
}: {
  icon: ReactNode
  title: string
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="state">
      {icon}
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {action}
    </div>
  )
}

/** There is something, but nothing that fits the filters. */
export function NoMatchState({ title, onClear }: { title: string; onClear: () => void }) {
  const t = useText()
  return (
    <EmptyState
      icon={<SearchX size={20} aria-hidden />}
      title={title}
      action={<Button onClick={onClear}>{t('ui.clear')}</Button>}
    />
  )
}

/** It could not be loaded: never to be mistaken for an empty list. What one may not see is not tried again. */
export function ErrorState({
  detail,
  status,
  requestId,
  onRetry,
}: {
  detail: string
  status?: number | undefined
  requestId?: string | undefined
  onRetry: () => void
}) {
  const t = useText()
  const isForbidden = status === 403
  return (
    <div className="state" role="alert">
      <CloudOff size={20} aria-hidden />
      <h2>{t(isForbidden ? 'ui.forbidden' : 'ui.failed')}</h2>
      <p>
        {detail}{' '}
        {requestId !== undefined && requestId !== '' && (
          <span className="mono">{t('ui.reference', { id: requestId })}</span>
        )}
      </p>
      {!isForbidden && <Button onClick={onRetry}>{t('ui.retry')}</Button>}
    </div>
  )
}
