import { queryOptions } from '@tanstack/react-query'
import { api, required } from './api.ts'
import { modulePages } from './modules.ts'

const steps = new Map(modulePages.flatMap(({ onboarding = [] }) => onboarding).map((step) => [step.key, step]))

/** What there is to begin with in an organisation, in the order of its modules; nothing once it is done or dismissed. */
export const onboardingQuery = (slug: string) =>
  queryOptions({
    queryKey: ['onboarding', slug],
    queryFn: async () => {
      const read = required(await api.GET('/api/v1/onboarding'))
      const known = read.steps.flatMap(({ key, done }) => {
        const step = steps.get(key)
        return step ? [{ ...step, done }] : []
      })
      return read.dismissed || known.every(({ done }) => done) ? [] : known
    },
  })
