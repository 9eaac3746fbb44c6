import createClient, { type Client, type ClientOptions } from 'openapi-fetch'

/** A problem document (RFC 9457) as the platform answers every failure. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly requestId: string
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
}

/** Thrown for every answer that is no success; `problem.code` says which failure it is. */
export class ProblemError extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.detail)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

export interface ApiSettings {
  /** Origin of the platform; absent in the browser, where it is the page's own. */
  readonly baseUrl?: string
  /** An API key, for programs. */
  readonly key?: string
  /** Slug or id of the organisation, for people; asked for each request. */
  readonly tenant?: () => string | undefined
  readonly fetch?: ClientOptions['fetch']
  /**
   * Whether reads may be answered by a replica, up to seconds behind what others write. What this client wrote it always
   * sees. Browsers do this by a cookie of their own.
   */
  readonly replicas?: boolean
}

/**
 * A typed client of the contract `Paths` (generated into schema.d.ts). Requests that change something carry an
 * Idempotency-Key of their own, unless the caller gives one. A failure throws ProblemError; a lost connection
 * throws what `fetch` throws.
 *
 * @example
 * const api = apiClient<paths>({ baseUrl: 'https://app.example.com', key: process.env.ATLAS_KEY })
 * const { data } = await api.GET('/api/v1/projects', { params: { query: { limit: 50 } } })
 */
export function apiClient<Paths extends object>({
  baseUrl = '',
  key,
  tenant,
  fetch,
  replicas = false,
}: ApiSettings): Client<Paths, 'application/json'> {
  const client = createClient<Paths, 'application/json'>({ baseUrl, ...(fetch ? { fetch } : {}) })
  let written = 'none'
  client.use({
    onRequest({ request }) {
      if (replicas) request.headers.set('Tenantry-Read-After', written)
      const slug = tenant?.()
      if (slug !== undefined && !request.headers.has('Tenant')) request.headers.set('Tenant', slug)
      if (key !== undefined) request.headers.set('Authorization', `Bearer ${key}`)
      if (request.method !== 'GET' && !request.headers.has('Idempotency-Key'))
        request.headers.set('Idempotency-Key', newKey())
    },
    async onResponse({ response }) {
      written = response.headers.get('Tenantry-Written') ?? written
      if (!response.ok && response.status !== 304) throw new ProblemError(await problemIn(response))
    },
  })
  return client
}

/** `crypto.randomUUID` is not there for pages of plain http. */
function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A proxy in between may answer with something else than a problem document: it becomes one. */
async function problemIn(response: Response): Promise<Problem> {
  const body: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  if (typeof body === 'object' && body !== null && 'code' in body) return body as Problem
  const { status, statusText } = response
  const requestId = response.headers.get('x-request-id') ?? ''
  return {
    type: 'about:blank',
    title: statusText,
    status,
    detail: statusText || `HTTP ${status}`,
    code: `http.${status}`,
    requestId,
  }
}
