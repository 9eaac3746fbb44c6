import type { FailureKind } from '../errors/failure.ts'
import * as platform from '../errors/platform-failures.ts'
import { addressOf, type Operation, placeOf } from '../operation.ts'
import type { z } from '../schema.ts'
import { fieldFailuresMax, type JsonSchema, jsonSchema } from '../validation.ts'
import { cookieName } from './rest.ts'

export interface ContractFacts {
  readonly title: string
  readonly version: string
}

/** The OpenAPI 3.1 document of the operations: what is served, nothing more and nothing less. */
export function openApiDocument(operations: readonly Operation[], { title, version }: ContractFacts): JsonSchema {
  const paths: Record<string, Record<string, JsonSchema>> = {}
  const problems: Record<string, JsonSchema> = {}
  for (const operation of operations) {
    const path = (paths[addressOf(operation)] ??= {})
    path[operation.method.toLowerCase()] = describe(operation, problems)
  }
  return {
    openapi: '3.1.0',
    info: {
      title: `${title} API`,
      version,
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', 'x-internal': false }],
    tags: [...new Set(operations.map(tagOf))]
      .toSorted()
      .map((name) => ({ name, description: `Everything below \`/${name}\`.` })),
    paths,
    components: {
      schemas: { Problem: problemSchema },
      headers: rateLimitHeaders,
      responses: problems,
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: cookieName('workspace', true),
          description: 'Set by POST /api/v1/sessions.',
        },
        console: {
          type: 'apiKey',
          in: 'cookie',
          name: cookieName('console', true),
          description:
            'Set by POST /api/v1/sessions with the header `Tenantry-Console: 1`, which each request repeats.',
        },
        key: { type: 'http', scheme: 'bearer', description: 'An API key of one organisation.' },
      },
    },
  }
}

const introduction = `Every failure is a problem document (RFC 9457) with a stable \`code\` and a page that explains it. Programs send an API key
as \`Authorization: Bearer\`; people have a session cookie and name their organisation in the header \`Tenant\`. Lists are pages with a \`nextCursor\`;
records carry a \`version\`, which is also their \`ETag\`.`

function tagOf(operation: Operation): string {
  return operation.path.split('/')[1] ?? ''
}

/** `problems` collects the failure responses that operations have in common. */
function describe(operation: Operation, problems: Record<string, JsonSchema>): JsonSchema {
  const { properties = {}, required = [] } = schemaOf(operation.input, 'input') as {
    properties?: Record<string, JsonSchema>
    required?: string[]
  }
  const inBody = Object.fromEntries(
    Object.entries(properties).filter(([field]) => placeOf(operation, field) === 'body'),
  )
  const parameters = Object.entries(properties).filter(([field]) => placeOf(operation, field) !== 'body')
  return {
    operationId: operation.name,
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    ...(operation.deprecated === undefined ? {} : { deprecated: true, 'x-sunset': operation.deprecated.sunset }),
    tags: [tagOf(operation)],
    security: securityOf(operation),
    parameters: [
      ...headersOf(operation),
      ...parameters.map(([field, schema]) => parameterOf(operation, field, schema, required.includes(field))),
    ],
    ...(Object.keys(inBody).length === 0 ? {} : { requestBody: bodyOf(inBody, required) }),
    responses: { ...successOf(operation), ...problemsOf(operation, problems) },
  }
}

/** The wire type, with the width of its integers for generators of clients. */
function schemaOf(type: z.ZodType, side: 'input' | 'output'): JsonSchema {
  return withWidths(jsonSchema(type, side)) as JsonSchema
}

function withWidths(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withWidths)
  if (typeof schema !== 'object' || schema === null) return schema
  const widened = Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, withWidths(value)]))
  if (widened['type'] !== 'integer') return widened
  const { minimum = -Infinity, maximum = Infinity } = widened as { minimum?: number; maximum?: number }
  return { ...widened, format: minimum >= -(2 ** 31) && maximum < 2 ** 31 ? 'int32' : 'int64' }
}

/** One in which nothing has to be can be left out. */
function bodyOf(properties: Record<string, JsonSchema>, required: readonly string[]): JsonSchema {
  const needed = required.filter((field) => field in properties)
  const isNeeded = needed.length > 0
  const schema = { type: 'object', properties, ...(isNeeded ? { required: needed } : {}), additionalProperties: false }
  return { required: isNeeded, content: { 'application/json': { schema } } }
}

function securityOf({ permission }: Operation): JsonSchema[] {
  if (permission === 'public') return [{}]
  if (permission === 'staff') return [{ console: [] }]
  return permission.includes(':') ? [{ session: [] }, { key: [] }] : [{ session: [] }]
}

function parameterOf(operation: Operation, name: string, schema: JsonSchema, required: boolean): JsonSchema {
  const { description, ...rest } = schema
  return {
    name,
    in: placeOf(operation, name),
    required,
    ...(description === undefined ? {} : { description }),
    schema: rest,
  }
}

function headersOf(operation: Operation): JsonSchema[] {
  const headers: JsonSchema[] = []
  const { permission, method, output } = operation
  if (permission.includes(':')) {
    headers.push({
      name: 'Tenant',
      in: 'header',
      required: false,
      description: 'Slug or id of the organisation; keys carry theirs.',
      schema: { type: 'string', maxLength: 40, pattern: '^[a-z0-9-]+$' },
    })
  }
  if (method !== 'GET') {
    headers.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: operation.idempotency === 'required',
      description:
        'Makes the request safe to repeat for 24 hours: with the same key it is carried out once, and answered the same.',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    })
  }
  if (isVersioned(output) && method !== 'GET' && method !== 'POST') {
    headers.push({
      name: 'If-Match',
      in: 'header',
      required: operation.ifMatch === 'required',
      description: 'The ETag that you read; 412 when the record has changed since.',
      schema: versionTag,
    })
  }
  return headers
}

function isVersioned(output: Operation['output']): boolean {
  return (
    output !== undefined && 'version' in ((jsonSchema(output, 'output') as { properties?: object }).properties ?? {})
  )
}

function successOf(operation: Operation): Record<string, JsonSchema> {
  const success: JsonSchema = { description: 'Done.' }
  if (operation.output) success['content'] = { 'application/json': { schema: schemaOf(operation.output, 'output') } }
  const headers = {
    ...(isVersioned(operation.output) ? { ETag: { description: 'The version.', schema: versionTag } } : {}),
    ...(operation.deprecated ? deprecationHeaders : {}),
    ...(isCharged(operation) ? rateLimitReferences : {}),
  }
  if (Object.keys(headers).length > 0) success['headers'] = headers
  return { [operation.status]: success }
}

const versionTag = { type: 'string', maxLength: 40, pattern: '^(W/)?"[0-9]+"$|^\\*$' }

function header(description: string, pattern: string): JsonSchema {
  return { description, schema: { type: 'string', maxLength: 2_000, pattern } }
}

const deprecationHeaders = {
  Deprecation: header('Since when this should be used no more: `@` and seconds since 1970 (RFC 9745).', '^@[0-9]+$'),
  Sunset: header('When it may be gone (RFC 8594).', 'GMT$'),
  Link: header('What to use in its place, as `successor-version` (RFC 8288).', '^<'),
}

/** Who found the tenant in an invitation, or is staff, does not belong to it. */
function isCharged({ permission, tenantFrom }: Operation): boolean {
  return permission.includes(':') && !tenantFrom
}

/** draft-ietf-httpapi-ratelimit-headers-10. Failures carry them, too, once it is known whose request it is. */
const rateLimitHeaders = {
  'RateLimit-Policy': header(
    'The limits of the organisation and of the caller: quota and window in seconds. Absent without limits.',
    '^"[a-z-]+";q=[0-9]+;w=[0-9]+(, "[a-z-]+";q=[0-9]+;w=[0-9]+)*$',
  ),
  RateLimit: header(
    'What remains of each, and in how many seconds there is more; `tenantry-warning`: 80 % are used.',
    '^"[a-z-]+";r=[0-9]+;t=[0-9]+(;tenantry-warning)?(, "[a-z-]+";r=[0-9]+;t=[0-9]+(;tenantry-warning)?)*$',
  ),
}
const rateLimitReferences = Object.fromEntries(
  Object.keys(rateLimitHeaders).map((name) => [name, { $ref: `#/components/headers/${name}` }]),
)

function problemsOf(operation: Operation, problems: Record<string, JsonSchema>): Record<string, JsonSchema> {
  const byStatus = [...Map.groupBy(failuresOf(operation), ({ status }) => status)].toSorted(
    ([left], [right]) => left - right,
  )
  return Object.fromEntries(
    byStatus.map(([status, kinds]) => {
      const name = kinds
        .map(({ code }) => code)
        .toSorted()
        .join('-')
      problems[name] ??= {
        ...(waits.has(status) ? { headers: { 'Retry-After': retryAfter } } : {}),
        description: kinds.map(({ code, title }) => `\`${code}\`: ${title}`).join('\n\n'),
        content: { 'application/problem+json': { schema: problemWith(kinds.map(({ code }) => code)) } },
      }
      return [status, { $ref: `#/components/responses/${name}` }]
    }),
  )
}

/** Statuses that may pass by themselves. */
const waits: ReadonlySet<number> = new Set([409, 429, 503])
const retryAfter = {
  description: 'Seconds until trying again makes sense.',
  schema: { type: 'integer', format: 'int32', minimum: 0, maximum: 86_400 },
}

/** Which codes come with which status, so that clients can tell them apart by type. */
function problemWith(codes: readonly string[]): JsonSchema {
  const narrowed = {
    type: 'object',
    properties: { code: { type: 'string', enum: codes.toSorted() } },
    required: ['code'],
  }
  return { allOf: [{ $ref: '#/components/schemas/Problem' }, narrowed] }
}

/** What an operation may answer beside success: its own failures and those of the pipeline and the surface. */
export function failuresOf(operation: Operation): FailureKind[] {
  const { method, entitlement, idempotency, ifMatch, permission, stepUp, support, errors, tenantFrom } = operation
  const always = [
    platform.malformed,
    platform.invalid,
    platform.notAcceptable,
    platform.tooLarge,
    platform.unsupportedMedia,
    platform.throttled,
    platform.unexpected,
    platform.unavailable,
    platform.overloaded,
    platform.tooSlow,
    platform.conflict,
    platform.preconditionFailed,
    platform.crossOrigin,
    platform.contradictory,
  ]
  const keyed = method === 'GET' ? [] : [platform.idempotencyInFlight, platform.idempotencyMismatch]
  const inSupport =
    support === 'read' ? [] : [support === 'write' ? platform.supportReadOnly : platform.supportForbidden]
  const keyRequired = idempotency === 'required' ? [platform.idempotencyKeyMissing] : []
  const signedIn = permission === 'public' ? [] : [platform.unauthenticated, platform.forbidden]
  return [
    ...new Set([
      ...always,
      ...keyed,
      ...keyRequired,
      ...signedIn,
      ...(permission.includes(':') ? [platform.supportEnded, ...inSupport] : []),
      ...(entitlement === undefined ? [] : [platform.entitlementExhausted]),
      ...(stepUp ? [platform.stepUpRequired] : []),
      ...(ifMatch === 'required' ? [platform.preconditionMissing] : []),
      ...tenantFailures(permission, tenantFrom !== undefined),
      ...(typeof tenantFrom === 'object' ? [platform.placeUnknown] : []),
      ...errors,
    ]),
  ]
}

function tenantFailures(permission: Operation['permission'], findsTenant: boolean): FailureKind[] {
  const ofStaff = [platform.consoleSessionRequired, platform.staffSecondFactorRequired]
  const ofPlace = [platform.tenantBusy, platform.tenantUnreachable, platform.tenantOutsideRegion]
  if (permission === 'staff') return findsTenant ? [...ofStaff, platform.notFound, ...ofPlace] : ofStaff
  if (!permission.includes(':') && !findsTenant) return []
  return [
    ...ofPlace,
    platform.tenantMissing,
    platform.tenantNotFound,
    platform.tenantReadOnly,
    platform.tenantSuspended,
    platform.tenantCancelled,
    platform.tenantProvisioning,
    platform.tenantMigrating,
    ...(findsTenant ? [] : [platform.tenantRateLimited]),
    platform.secondFactorRequired,
    platform.sessionTooOld,
  ]
}

const codeOfFailure = { type: 'string', pattern: '^[a-z_]+\\.[a-z_]+$', maxLength: 100 }
const sentence = { type: 'string', maxLength: 1_000, pattern: '^[^\\p{Cc}]*$' }

const problemSchema: JsonSchema = {
  type: 'object',
  description: 'RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId'],
  properties: {
    type: { type: 'string', format: 'uri', maxLength: 500, description: 'A page that explains the code.' },
    title: sentence,
    status: { type: 'integer', format: 'int32', minimum: 400, maximum: 599 },
    detail: sentence,
    instance: {
      type: 'string',
      format: 'uri-reference',
      maxLength: 8_192,
      description: 'The path that was asked for.',
    },
    code: { ...codeOfFailure, description: 'Stable; decide by it, not by the texts.' },
    requestId: { type: 'string', pattern: '^[\\w.-]{8,128}$', maxLength: 128 },
    errors: {
      type: 'array',
      maxItems: fieldFailuresMax,
      items: {
        type: 'object',
        required: ['pointer', 'code', 'detail'],
        properties: {
          pointer: {
            type: 'string',
            format: 'json-pointer-uri-fragment',
            maxLength: 2_000,
            description: 'JSON pointer (RFC 6901).',
          },
          code: { type: 'string', pattern: '^[a-zA-Z_]+$', maxLength: 100 },
          detail: sentence,
        },
      },
    },
  },
}
