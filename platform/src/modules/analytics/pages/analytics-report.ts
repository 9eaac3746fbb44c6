import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { useText } from '#ui/text.tsx'
import { useToast } from '#ui/toast.tsx'
import { api, problemOf, required } from '#web/api.ts'
import { usePlans } from '#web/plans.ts'
import { queryClient } from '#web/query-client.ts'

export type Report = operations['analytics.read']['responses'][200]['content']['application/json']

/** While everything is being measured. */
const whileMeasuringMs = 1_000
/** Some hundred tenants are done by then; of thousands the page shows the rest when it is opened again. */
const watchedForMs = 15_000

/** The totals of so many days, and a way to have everything measured now: the page then follows for a while. */
export function useAnalyticsReport(days: number) {
  const t = useText()
  const say = useToast()
  const [watchedUntilMs, setWatchedUntilMs] = useState(0)
  const refetchInterval = () => (Date.now() < watchedUntilMs ? whileMeasuringMs : false)
  const result = useQuery({
    queryKey: ['staff', 'analytics', 'report', days],
    queryFn: async () => required(await api.GET('/api/v1/staff/analytics', { params: { query: { days } } })),
    placeholderData: keepPreviousData,
    refetchInterval,
  })
  const measure = async () => {
    try {
      await api.POST('/api/v1/staff/analytics/measure')
      say(t('analytics.measuring'))
      setWatchedUntilMs(Date.now() + watchedForMs)
      await queryClient.invalidateQueries({ queryKey: ['staff', 'analytics'] })
    } catch (error) {
      say(problemOf(error).detail)
    }
  }
  return { result, refetchInterval, measure }
}

/** What people call the plans, by key. A plan that is declared no more keeps its key for a name. */
export function usePlanNames(): ReadonlyMap<string, string> {
  return new Map(usePlans().map(({ key, name }) => [key, name]))
}
