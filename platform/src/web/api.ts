import { apiClient, ifMatch, ProblemError } from '#client/client.ts'
import type { paths } from '#client/generated/schema.d.ts'
import type { FormFailure } from '#ui/form.tsx'
import { askForProof } from './proof.ts'

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

/** Where one signs in again, and comes back here. */
export function signInAddress(): string {
  return `/sign-in?${new URLSearchParams({ next: location.pathname + location.search })}`
}

/**
 * A session that has ended while a page is open: sign in again, and come back. A proof that is asked for: the person gives
 * it, and the request goes on.
 */
async function fetchOrSignIn(request: Request): Promise<Response> {
  // A body can be sent once.
  const again = request.method === 'GET' ? undefined : request.clone()
  const response = await fetch(request)
  if (response.status === 401 && /^\/(o\/|account|welcome|staff)/.test(location.pathname))
    location.assign(signInAddress())
  const isProofWanted = again && response.status === 403 && (await codeIn(response)) === 'session.step_up_required'
  return isProofWanted && (await askForProof()) ? fetch(again) : response
}

async function codeIn(response: Response): Promise<unknown> {
  return ((await response.clone().json()) as { code?: unknown }).code
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
