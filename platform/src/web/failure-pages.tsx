import type { ErrorComponentProps } from '@tanstack/react-router'
import { ErrorState } from '#ui/states.tsx'
import { useText } from '#ui/text.tsx'
import { ProblemError, problemOf } from './api.ts'
import { SignedOut } from './signed-out.tsx'

const reloadedKey = 'tenantry.reloaded'

export function NotFoundPage() {
  const t = useText()
  return (
    <SignedOut title={t('shell.notFound')}>
      <p className="quiet">{t('shell.notFoundHelp')}</p>
      <a className="link" href="/">
        {t('shell.home')}
      </a>
    </SignedOut>
  )
}

/** Whatever a page threw. A chunk that is gone after a deploy is fetched again by loading the page anew, once. */
export function FailedPage({ error, reset }: ErrorComponentProps) {
  const t = useText()
  if (error instanceof ProblemError && error.problem.status === 404) return <NotFoundPage />
  if (/dynamically imported module/.test(String(error)) && sessionStorage.getItem(reloadedKey) !== location.href) {
    sessionStorage.setItem(reloadedKey, location.href)
    location.reload()
    return null
  }
  const { detail, requestId } = problemOf(error)
  return (
    <SignedOut title={t('ui.failed')}>
      <ErrorState detail={detail} requestId={requestId} onRetry={reset} />
    </SignedOut>
  )
}
