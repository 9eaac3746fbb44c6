import { type ApiSettings, apiClient, ifMatch, ProblemError } from '#client/client.ts'
import type { paths } from '#client/generated/schema.d.ts'
import type { FormFailure } from '#ui/form.tsx'
import { doorHeaders, forgetSupport, leaveSupport, supportHere, tenantInAddress } from './door.ts'
import { askForProof } from './proof.ts'

/** How pages call an API: in the organisation of this tab, and for whoever looks at it. A product's own client, too. */
export const ofThisTab: ApiSettings = {
  tenant: tenantInAddress,
  fetch: fetchOrSignIn,
  // Somebody looks at a spinner meanwhile.
  retry: { triesMax: 3, waitMaxMs: 3_000 },
}

/** The platform's API. */
export const api = apiClient<paths>(ofThisTab)

/** Where one signs in again, and comes back here; a support session is begun anew in the console. */
export function signInAddress(): string {
  const next = supportHere() ? '/staff' : location.pathname + location.search
  return `/sign-in?${new URLSearchParams({ next })}`
}

/**
 * A session that has ended while a page is open: sign in again, and come back. A proof that is asked for: the person gives
 * it, and the request goes on.
 */
async function fetchOrSignIn(request: Request): Promise<Response> {
  // A body can be sent once.
  const again = request.method === 'GET' ? undefined : request.clone()
  for (const each of [request, again ?? request])
    for (const [name, value] of Object.entries(doorHeaders(new URL(each.url).pathname))) each.headers.set(name, value)
  const response = await fetch(request)
  const support = supportHere()
  if (response.status === 401 && /^\/(o\/|account|welcome|staff)/.test(location.pathname)) {
    location.assign(signInAddress())
    forgetSupport()
  }
  if (support && response.status === 403 && (await codeIn(response)) === 'support.session_over')
    leaveSupport(support.tenantId)
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

export function problemOf(error: unknown): { detail: string; status?: number; requestId?: string } {
  return error instanceof ProblemError ? error.problem : { detail: String(error) }
}

export { ifMatch, ProblemError }
