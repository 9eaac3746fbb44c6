import { QueryClient } from '@tanstack/react-query'
import { ProblemError } from './api.ts'

const freshMs = 5_000
const retriesMax = 2

/** What was loaded, shared by all pages. A refusal is not asked for again; a lost connection is. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: freshMs,
      retry: (failures, error) =>
        failures < retriesMax && !(error instanceof ProblemError && error.problem.status < 500),
    },
  },
})
