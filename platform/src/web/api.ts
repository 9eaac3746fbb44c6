import { apiClient, ifMatch, ProblemError } from '#client/client.ts'
import type { paths } from '#client/generated/schema.d.ts'
import type { FormFailure } from '#ui/form.tsx'

/** The organisation in the address: two tabs in two organisations never mix. */
export function tenantInAddress(): string | undefined {
  return /^\/o\/([^/]+)/.exec(location.pathname)?.[1]
}

/** The platform's API, in the organisation of this tab. */
export const api = apiClient<paths>({
  tenant: tenantInAddress,
  fetch: fetchOrSignIn,
  // Somebody looks at a spinner meanwhile.
  retry: { triesMax: 3, waitMaxMs: 3_000 },
})

/** A session that has ended while a page is open: sign in again, and come back. */
async function fetchOrSignIn(request: Request): Promise<Response> {
  const response = await fetch(request)
  if (response.status === 401 && /^\/(o\/|account|welcome|staff)/.test(location.pathname)) {
    const next = location.pathname + location.search
    location.assign(`/sign-in?${new URLSearchParams({ next })}`)
  }
  return response
}

/** The body of a successful answer; failures have been thrown before. */
export function required<Data>({ data }: { data?: Data }): Data {
  if (data === undefined) throw new Error('the answer has no body')
  return data
}

/** What a form says of an error: the problem's own words, or that the connection is gone. */
export function formFailure(error: unknown): FormFailure {
  if (error instanceof ProblemError) return error.problem
  return { detail: navigator.onLine ? String(error) : 'You are offline. Nothing was saved.' }
}

export function problemOf(error: unknown): { detail: string; requestId?: string } {
  return error instanceof ProblemError ? error.problem : { detail: String(error) }
}

export { ifMatch, ProblemError }
