import { QueryClient } from '@tanstack/react-query'

const freshMs = 5_000

/** What was loaded, shared by all pages. The client itself asks again after a lost connection. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: freshMs, retry: false } },
})
