import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { CircleCheck, CircleDashed } from 'lucide-react'
import { Button } from '#ui/button.tsx'
import { PageHeader } from '#ui/page-header.tsx'
import { Progress } from '#ui/progress.tsx'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf } from './api.ts'
import { onboardingQuery } from './onboarding.ts'
import { queryClient } from './query-client.ts'
import { useTenant } from './session.ts'
import { useTitle } from './title.ts'

/** Where an organisation opens while there is something to begin with. */
export default function HomePage() {
  const t = useText()
  const tenant = useTenant()
  const say = useToast()
  const navigate = useNavigate()
  const { data: steps = [] } = useQuery(onboardingQuery(tenant.slug))
  useTitle(t('shell.begin'), tenant.name)
  const dismiss = async () => {
    try {
      await api.POST('/api/v1/onboarding/dismiss')
    } catch (error) {
      say(problemOf(error).detail)
      return
    }
    queryClient.setQueryData(onboardingQuery(tenant.slug).queryKey, [])
    await navigate({ to: `/o/${tenant.slug}` })
  }
  const done = steps.filter((step) => step.done).length
  return (
    <>
      <PageHeader
        title={t('shell.begin')}
        actions={<Button onClick={() => void dismiss()}>{t('shell.beginDismiss')}</Button>}
      >
        {t('shell.beginHelp')}
      </PageHeader>
      <Progress done={done} total={steps.length} label={t('shell.beginDone', { done, total: steps.length })} />
      <ul className="checklist">
        {steps.map(({ key, text, help, path, search = {}, isOfPerson, done: isDone }) => (
          <li key={key}>
            {isDone ? <CircleCheck size={16} aria-hidden /> : <CircleDashed size={16} aria-hidden />}
            <div>
              {isDone || path === undefined ? (
                <b>{t(text)}</b>
              ) : (
                <Link to={isOfPerson ? path : `/o/${tenant.slug}/${path}`} search={search}>
                  {t(text)}
                </Link>
              )}
              <p className="quiet">{t(help)}</p>
            </div>
            <span className="quiet">{t(isDone ? 'shell.beginStepDone' : 'shell.beginStepOpen')}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
