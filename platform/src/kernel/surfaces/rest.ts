import type { CookieSerializeOptions } from '@fastify/cookie'
import cookie from '@fastify/cookie'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Answer, Call } from '../call.ts'
import { type ReadAfter, readAfterOf, textOfReadAfter } from '../database/log-position.ts'
import { Failure } from '../errors/failure.ts'
import {
  crossOrigin,
  invalid,
  malformed,
  methodNotAllowed,
  notAcceptable,
  unknownRoute,
} from '../errors/platform-failures.ts'
import { addressOf, type Operation } from '../operation.ts'
import type { Pipeline } from '../pipeline.ts'
import { rateHeaders } from '../rate/rate-headers.ts'
import { jsonSchema } from '../validation.ts'
import { announcementOf } from './deprecation.ts'
import { serializerOf } from './serializer.ts'

export interface RestSettings {
  readonly pipeline: Pipeline
  readonly operations: readonly Operation[]
  /** Whether people reach us by https: decides the session cookie's name and flags. */
  readonly secure: boolean
  /** Whether any cell has a replica, so that callers have to be told what they wrote. */
  readonly replicated: boolean
}

/** What a write answers, and what a caller who may be served by a replica sends along (see database/log-position.ts). */
const writtenHeader = 'tenantry-written'
const readAfterHeader = 'tenantry-read-after'
/** Whoever speaks for the staff console, and in which support session of a tenant. */
const consoleHeader = 'tenantry-console'
const supportHeader = 'tenantry-support'
/** Longer than any replica that is asked may lag. */
const writtenCookieSeconds = 60

/** Serves each operation as the route that it declares. */
export async function registerRest(server: FastifyInstance, settings: RestSettings): Promise<void> {
  await server.register(cookie)
  for (const operation of settings.operations) {
    const announce = announcementOf(operation, settings.operations)
    server.route({
      method: operation.method,
      url: addressOf(operation).replace(/\{(\w+)\}/g, ':$1'),
      exposeHeadRoute: operation.method === 'GET',
      // Before anything else, so that refusals carry it, too.
      ...(announce
        ? { onRequest: async (request, reply) => void reply.headers(announce(request.params as object)) }
        : {}),
      handler: restHandler(operation, settings),
    })
  }
  const methodsByPath = Map.groupBy(settings.operations, addressOf)
  server.setNotFoundHandler((request, reply) => {
    const allowed = methodsAt(request, methodsByPath)
    if (!allowed) throw new Failure(unknownRoute)
    reply.header('allow', allowed)
    throw new Failure(methodNotAllowed, { detail: `This address knows ${allowed}.` })
  })
}

function restHandler(operation: Operation, { pipeline, secure, replicated }: RestSettings) {
  const serialize = operation.output && serializerOf(operation.output)
  const readQuery = queryReader(operation)
  const known = fieldsOfRecord(operation)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    request.facts.operation = operation.name
    checkAccept(request.headers.accept)
    const door = doorOf(request)
    const sessionToken = request.cookies[cookieName(door, secure)]
    if (operation.method !== 'GET' && sessionToken !== undefined) checkOrigin(request)
    const { fields } = request.query as Record<string, unknown>
    const readAfter = replicated ? readAfterIn(request, sessionToken, secure) : undefined
    const query = readQuery(request.query as Record<string, unknown>)
    const call = callOf({ request, reply, operation, query, door, sessionToken, readAfter })
    let answer: Answer
    try {
      answer = await pipeline.execute(operation, call)
    } finally {
      tellRates(reply, call)
    }
    keepSession(reply, answer, door, secure)
    if (answer.written) tellWritten(reply, textOfReadAfter(readAfter ?? new Map(), answer.written), secure)
    if (answer.replayed) reply.header('idempotency-replayed', 'true')
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff').code(operation.status)
    if (!serialize) return reply.send()
    reply.type('application/json; charset=utf-8')
    const wanted = operation.method === 'GET' && fields !== undefined ? wantedFields(fields, known) : undefined
    return send(request, reply, answer.output, serialize, wanted)
  }
}

/** On every answer of an operation with a tenant, failures included. */
function tellRates(reply: FastifyReply, { known: { rates } }: Call): void {
  if (!rates) return
  const { policy, limit } = rateHeaders(rates)
  reply.header('ratelimit-policy', policy).header('ratelimit', limit)
}

interface Asked {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly operation: Operation
  readonly query: Record<string, unknown>
  readonly door: Door
  readonly sessionToken: string | undefined
  readonly readAfter: ReadAfter | undefined
}

function callOf({ request, reply, operation, query, door, sessionToken, readAfter }: Asked): Call {
  const { authorization, tenant, 'if-match': ifMatch } = request.headers
  const named = door === 'console' ? request.headers[supportHeader] : undefined
  const supportSession = typeof named === 'string' ? named : undefined
  return {
    input: merged(operation, request.params as Record<string, unknown>, query, request.body),
    credentials: { sessionToken, supportSession, bearer: bearerOf(authorization) },
    tenant: typeof tenant === 'string' ? tenant : undefined,
    ifMatch: versionIn(ifMatch),
    idempotencyKey: operation.method === 'GET' ? undefined : keyIn(request.headers['idempotency-key']),
    via: supportSession !== undefined ? 'support' : door === 'workspace' && sessionToken === undefined ? 'api' : door,
    locale: /^\s*es\b/i.test(request.headers['accept-language'] ?? '') ? 'es' : 'en',
    requestId: request.id,
    address: request.ip,
    userAgent: request.headers['user-agent']?.slice(0, 300),
    signal: () => signalOf(reply),
    readAfter,
    known: request.facts,
  }
}

/**
 * Aborted once the caller's connection is closed before the reply. Fastify's own watches the request, which Node closes as
 * soon as its body was read.
 */
function signalOf({ raw }: FastifyReply): AbortSignal {
  if (raw.destroyed) return AbortSignal.abort()
  const left = new AbortController()
  raw.once('close', () => {
    if (!raw.writableFinished) left.abort()
  })
  return left.signal
}

/** Path, query and body become one input. A name that comes twice is a mistake or an attack, so nothing overwrites. */
function merged(
  operation: Operation,
  path: Record<string, unknown>,
  query: Record<string, unknown>,
  body: unknown,
): Record<string, unknown> {
  if (body !== undefined && body !== null && (typeof body !== 'object' || Array.isArray(body))) {
    throw new Failure(malformed, { detail: 'The body must be a JSON object.' })
  }
  const takesBody = operation.method !== 'GET' && operation.method !== 'DELETE'
  const input: Record<string, unknown> = { ...query }
  for (const [name, value] of Object.entries(takesBody ? (body ?? {}) : {})) {
    if (name in path || name in input)
      throw new Failure(invalid, {
        errors: [{ pointer: `#/${name}`, code: 'unknown', detail: 'There is no such field in the body.' }],
      })
    input[name] = value
  }
  return Object.assign(input, path)
}

/**
 * Query text becomes what the schema asks for: integers, numbers and booleans; everything else stays text. The fields that
 * the answer of a GET shall have are none of the operation's input.
 */
function queryReader(operation: Operation): (query: Record<string, unknown>) => Record<string, unknown> {
  const { properties = {} } = jsonSchema(operation.input, 'input') as { properties?: Record<string, { type?: string }> }
  const left = operation.method === 'GET' ? 'fields' : undefined
  return (query) => {
    const read: Record<string, unknown> = {}
    for (const name of Object.keys(query)) {
      const value = query[name]
      if (name !== left) read[name] = typeof value === 'string' ? valueOfText(value, properties[name]?.type) : value
    }
    return read
  }
}

function valueOfText(text: string, type: string | undefined): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d{1,15}(\.\d{1,15})?$/.test(text)) return Number(text)
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  return text
}

function bearerOf(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined
  const token = /^Bearer ([\w.~+/=-]{1,4096})$/i.exec(authorization)?.[1]
  // An Authorization header that is no bearer token is a wrong credential, not an absent one.
  return token ?? ''
}

/** `"7"` → 7. What is neither that nor `*` never matches. */
function versionIn(ifMatch: string | undefined): Call['ifMatch'] {
  if (ifMatch === undefined) return undefined
  if (ifMatch.trim() === '*') return 'any'
  return Number(/^\s*(?:W\/)?"(\d{1,10})"\s*$/.exec(ifMatch)?.[1] ?? 0)
}

/** Printable ASCII; programs that send a structured string (RFC 9651) may keep its quotes. */
function keyIn(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  if (typeof header === 'string' && /^[\x21-\x7e]{1,255}$/.test(header)) return header
  throw new Failure(malformed, { detail: 'The header Idempotency-Key must have 1 to 255 printable characters.' })
}

function checkAccept(accept: string | undefined): void {
  if (accept === undefined || /\*\/\*|application\/(\*|json|problem\+json)/.test(accept)) return
  throw new Failure(notAcceptable)
}

/**
 * Cross-site request forgery: browsers name the origin of every unsafe request, so one that comes from elsewhere is
 * refused. Programs send neither header, and hold no cookie that a browser sent for them (OWASP CSRF, "Fetch Metadata").
 */
function checkOrigin({ headers, protocol, host }: FastifyRequest): void {
  const site = headers['sec-fetch-site']
  const foreign =
    headers.origin === undefined
      ? site === 'cross-site' || site === 'same-site'
      : headers.origin !== `${protocol}://${host}`
  if (foreign) throw new Failure(crossOrigin)
}

/** Each has a session of its own, so that what a stolen one of the workspace opens is the workspace. */
type Door = 'workspace' | 'console'

/** A page of the console says that it is one; no other site's page can (a header of one's own needs the server's consent). */
function doorOf({ headers }: FastifyRequest): Door {
  return headers[consoleHeader] === undefined ? 'workspace' : 'console'
}

export function cookieName(door: Door, secure: boolean): string {
  const name = door === 'console' ? 'tenantry_console' : 'tenantry_session'
  return secure ? `__Host-${name}` : name
}

function flagsOf(door: Door): CookieSerializeOptions {
  return { path: '/', httpOnly: true, sameSite: door === 'console' ? 'strict' : 'lax' }
}

function keepSession(reply: FastifyReply, { session }: Answer, door: Door, secure: boolean): void {
  if (session === undefined) return
  const name = cookieName(door, secure)
  const flags = { ...flagsOf(door), secure }
  if (session === null) reply.clearCookie(name, flags)
  else reply.setCookie(name, session.token, { ...flags, expires: new Date(session.expiresAt) })
}

/**
 * Browsers carry what they wrote in a cookie, and programs in a header if they want to be served by replicas. Who sends
 * neither reads from the primary: nobody sees less than they wrote for not knowing about replicas.
 */
function readAfterIn(
  request: FastifyRequest,
  sessionToken: string | undefined,
  secure: boolean,
): ReadAfter | undefined {
  const named = request.headers[readAfterHeader]
  if (typeof named === 'string') return readAfterOf(named)
  return sessionToken === undefined ? undefined : readAfterOf(request.cookies[writtenCookieName(secure)] ?? '')
}

function tellWritten(reply: FastifyReply, written: string, secure: boolean): void {
  const flags: CookieSerializeOptions = { path: '/', httpOnly: true, sameSite: 'lax', secure }
  reply.header(writtenHeader, written)
  reply.setCookie(writtenCookieName(secure), written, { ...flags, maxAge: writtenCookieSeconds })
}

function writtenCookieName(secure: boolean): string {
  return secure ? '__Host-tenantry_written' : 'tenantry_written'
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  output: unknown,
  serialize: (output: unknown) => string,
  wanted: readonly string[] | undefined,
): FastifyReply {
  const version = (output as { version?: unknown }).version
  if (typeof version === 'number') {
    const tag = `"${version}"`
    reply.header('etag', tag)
    if (request.method === 'GET' && request.headers['if-none-match'] === tag) return reply.code(304).send()
  }
  const body = serialize(output)
  const { nextCursor } = output as { nextCursor?: unknown }
  if (typeof nextCursor === 'string') {
    const links = [reply.getHeader('link'), `<${nextPage(request.url, nextCursor)}>; rel="next"`]
    reply.header('link', links.filter(Boolean).join(', '))
  }
  return reply.send(wanted === undefined ? body : withFields(body, wanted))
}

function nextPage(url: string, cursor: string): string {
  const [path, query] = url.split('?', 2)
  const parameters = new URLSearchParams(query)
  parameters.set('cursor', cursor)
  return `${path}?${parameters}`
}

/** The fields of what the operation answers: of the record, or of each item of a list. */
function fieldsOfRecord({ output }: Operation): ReadonlySet<string> {
  const { properties = {} } = (output ? jsonSchema(output, 'output') : {}) as { properties?: Properties }
  return new Set(Object.keys(properties['items']?.items?.properties ?? properties))
}

interface Properties {
  readonly [field: string]: { readonly items?: { readonly properties?: object } }
}

/** Reads `?fields=id,name`. */
function wantedFields(fields: unknown, known: ReadonlySet<string>): string[] {
  const wanted = typeof fields === 'string' ? fields.split(',').map((field) => field.trim()) : ['']
  const unknown = wanted.find((field) => !known.has(field))
  if (unknown === undefined) return wanted
  throw new Failure(invalid, {
    errors: [{ pointer: '#/query/fields', code: 'unknown', detail: `There is no field "${unknown}" here.` }],
  })
}

function withFields(body: string, wanted: readonly string[]): string {
  const output = JSON.parse(body) as Record<string, unknown>
  const pick = (record: Record<string, unknown>) => Object.fromEntries(wanted.map((field) => [field, record[field]]))
  return JSON.stringify(Array.isArray(output['items']) ? { ...output, items: output['items'].map(pick) } : pick(output))
}

/** The methods that the request's path would answer, for the Allow header (RFC 9110 §15.5.6). */
function methodsAt(request: FastifyRequest, methodsByPath: Map<string, Operation[]>): string | undefined {
  const path = request.url.split('?', 1)[0] ?? ''
  const here = [...methodsByPath].find(([pattern]) =>
    new RegExp(`^${pattern.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
  )
  return here?.[1].map((operation) => operation.method).join(', ')
}
