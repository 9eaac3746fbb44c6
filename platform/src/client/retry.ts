/** Repeats requests that failed for a passing reason, as far as it is safe. For browsers and Node. */

export interface RetrySettings {
  /** With the first; 1 repeats nothing. */
  readonly triesMax: number
  /** A failure that asks for more patience than this is handed to the caller at once. */
  readonly waitMaxMs: number
}

const firstWaitMs = 250
/** Gateways and servers that cannot answer at the moment. */
const passing: ReadonlySet<number> = new Set([502, 503, 504])
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * A `fetch` that tries again after a lost connection, 502, 503, 504, a 429 that says when, and the answer that the same
 * request is still being carried out. It waits as long as Retry-After says, else 250 ms, doubled each time, at random
 * between half of it and all. A request that changes something is repeated only with an Idempotency-Key, which stays the
 * same. An abort ends the waiting, too.
 */
export function patientFetch(
  fetch: (request: Request) => Promise<Response>,
  { triesMax, waitMaxMs }: RetrySettings,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const repeatable = safeMethods.has(request.method) || request.headers.has('Idempotency-Key')
    for (let tries = 1; ; tries++) {
      if (!repeatable || tries >= triesMax) return fetch(request)
      const response = await fetch(request.clone()).catch((error: unknown) => {
        if (request.signal.aborted) throw error
      })
      if (response && !(await mayPass(response))) return response
      const waitMs = waitBefore(tries, response?.headers.get('Retry-After'))
      if (response && waitMs > waitMaxMs) return response
      await response?.body?.cancel()
      await pause(waitMs, request.signal)
    }
  }
}

async function mayPass(response: Response): Promise<boolean> {
  if (response.status === 429) return response.headers.has('Retry-After')
  if (response.status !== 409) return passing.has(response.status)
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return (problem as { code?: unknown } | undefined)?.code === 'request.in_flight'
}

/** Retry-After is a number of seconds or a date (RFC 9110 §10.2.3). */
function waitBefore(tries: number, retryAfter: string | null | undefined): number {
  const backoffMs = firstWaitMs * 2 ** (tries - 1) * (0.5 + Math.random() / 2)
  if (!retryAfter) return backoffMs
  const askedMs = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1_000 : Date.parse(retryAfter) - Date.now()
  return Math.max(askedMs || 0, 0) + backoffMs
}

function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      clearTimeout(timer)
      reject(signal.reason as Error)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', abort)
      resolve()
    }, waitMs)
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  })
}
