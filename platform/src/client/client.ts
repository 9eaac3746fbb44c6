import createClient, { type Client } from 'openapi-fetch'
import { patientFetch, type RetrySettings } from './retry.ts'

/** A problem document (RFC 9457) as the platform answers every failure. */
export interface Problem<Code extends string = string> {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: Code
  readonly requestId: string
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[]
}

/** Thrown for every answer that is no success; `problem.code` says which failure it is, `problem.requestId` finds it in the logs. */
export class ProblemError<Code extends string = string> extends Error {
  readonly problem: Problem<Code>

  constructor(problem: Problem<Code>) {
    super(problem.detail)
    this.name = 'ProblemError'
    this.problem = problem
  }
}

/** Whether something thrown is a failure with one of these codes; with none given, whether it is any failure of the API. */
export type ProblemGuard<Codes extends string> = <Code extends Codes>(
  error: unknown,
  ...codes: readonly Code[]
) => error is ProblemError<Code>

export const isProblem: ProblemGuard<string> = <Code extends string>(
  error: unknown,
  ...codes: readonly Code[]
): error is ProblemError<Code> =>
  error instanceof ProblemError && (codes.length === 0 || codes.includes(error.problem.code as Code))

/** Every failure code of a contract, from the `components['responses']` of its generated types. */
export type CodeOf<Responses> = Responses extends { [name: string]: { content: Record<string, { code: infer Code }> } }
  ? Code
  : never

/**
 * Goes through a list item by item, and asks for the next page when it is needed.
 *
 * @example
 * const projects = eachItem((after) => api.GET('/api/v1/projects', { params: { query: { ...after, limit: 100 } } }))
 * for await (const project of projects) console.log(project.name)
 */
export async function* eachItem<Item>(
  readPage: (after: {
    cursor?: string
  }) => Promise<{ data?: { readonly items: readonly Item[]; readonly nextCursor: string | null } }>,
): AsyncGenerator<Item, void, undefined> {
  for (let after: { cursor?: string } | undefined = {}; after; ) {
    const { data } = await readPage(after)
    yield* data?.items ?? []
    after = data?.nextCursor == null ? undefined : { cursor: data.nextCursor }
  }
}

/** The header that lets a change through only when nobody else has changed the record since it was read. */
export function ifMatch({ version }: { readonly version: number }): { 'If-Match': string } {
  return { 'If-Match': `"${version}"` }
}

export interface ApiSettings {
  /** Origin of the platform; absent in the browser, where it is the page's own. */
  readonly baseUrl?: string
  /** An API key, for programs. */
  readonly key?: string
  /** Slug or id of the organisation, for people; asked for each request. */
  readonly tenant?: () => string | undefined
  readonly fetch?: (request: Request) => Promise<Response>
  /** How often, and how long, a request that failed for a passing reason is repeated; 4 tries and 20 s when absent. */
  readonly retry?: Partial<RetrySettings>
  /**
   * Whether reads may be answered by a replica, up to seconds behind what others write. What this client wrote it always
   * sees. Browsers do this by a cookie of their own.
   */
  readonly replicas?: boolean
}

/**
 * A typed client of the contract `Paths` (generated into schema.d.ts). Requests that change something carry an
 * Idempotency-Key of their own, unless the caller gives one, and keep it when they are repeated. A failure throws
 * ProblemError; a connection that stays lost throws what `fetch` throws.
 *
 * @example
 * const api = apiClient<paths>({ baseUrl: 'https://app.example.com', key: process.env.ATLAS_KEY })
 * const { data } = await api.GET('/api/v1/projects', { params: { query: { limit: 50 } } })
 */
export function apiClient<Paths extends object>({
  baseUrl = '',
  key,
  tenant,
  fetch = (request) => globalThis.fetch(request),
  retry,
  replicas = false,
}: ApiSettings): Client<Paths, 'application/json'> {
  const patient = patientFetch(fetch, { triesMax: 4, waitMaxMs: 20_000, ...retry })
  const client = createClient<Paths, 'application/json'>({ baseUrl, fetch: patient })
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
