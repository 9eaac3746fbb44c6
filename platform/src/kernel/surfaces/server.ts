import { type Server, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { isDiskFull } from '../database/server-error.ts'
import { Failure, type FailureKind } from '../errors/failure.ts'
import * as platform from '../errors/platform-failures.ts'
import { failureOf, problemOf } from '../errors/problem.ts'
import { newId, newTraceId } from '../id.ts'
import type { Log } from '../observe/log.ts'
import { RefusalPace } from '../overload/refusal-pace.ts'
import { RequestAbandoned } from '../pipeline.ts'
import { bodyBytesMax, parseJsonBody } from './json-body.ts'

export interface ServerSettings {
  readonly log: Log
  /** Origin for the addresses of problem types. */
  readonly publicUrl: string
  readonly trustedProxies: string | undefined
}

declare module 'fastify' {
  interface FastifyRequest {
    traceId: string
    /** What the log line says beside method, path and status; filled in on the way. */
    facts: { operation?: string; tenantId?: string; actorId?: string; shed?: true; databaseMs?: number }
  }
}

const headerBytesMax = 16_384
const addressCharactersMax = 8_192
/** For the whole request to arrive; the operation's own deadline comes on top. */
const requestTimeoutMs = 30_000
/** For its head. Node swaps the two limits when this one is the longer, as its default of 60 s would be. */
const headTimeoutMs = 10_000
/** How late such a request may be noticed; Node's own 30 s would double the time limit. */
const timeoutCheckEveryMs = 1_000

/** An HTTP server that answers every failure, also of requests it cannot read, with a problem document. */
export function createServer(settings: ServerSettings): FastifyInstance {
  const server = fastify({
    logger: false,
    bodyLimit: bodyBytesMax,
    requestTimeout: requestTimeoutMs,
    http: {
      maxHeaderSize: headerBytesMax,
      insecureHTTPParser: false,
      headersTimeout: headTimeoutMs,
      connectionsCheckingInterval: timeoutCheckEveryMs,
      // Node would refuse a missing Host without a word, and keep the first of two Authorization headers.
      requireHostHeader: false,
      joinDuplicateHeaders: true,
    },
    genReqId: (request) => requestIdFrom(request.headers['x-request-id']),
    trustProxy: settings.trustedProxies ?? false,
    routerOptions: { maxParamLength: 200 },
    // What comes over an open connection during the shutdown is still answered, and that connection then closed.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    frameworkErrors: (error, request, reply) => void sendFailure(settings, error, request, reply),
    clientErrorHandler: (error, socket) => answerUnreadable(settings, error, socket),
  })
  server.decorateRequest('traceId', '')
  server.decorateRequest('facts')
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, readBody)
  server.addHook('onRequest', (request, reply, done) => {
    request.traceId = traceIdFrom(request.headers.traceparent) ?? newTraceId()
    request.facts = {}
    reply.header('x-request-id', request.id)
    checkHost(request)
    if (request.url.length > addressCharactersMax) throw new Failure(platform.addressTooLong)
    done()
  })
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(settings.log, request, reply)
    done()
  })
  const pace = new RefusalPace()
  server.setErrorHandler(async (error, request, reply) => {
    const delayMs = isRefusal(error) ? pace.next() : 0
    if (delayMs > 0) await wait(delayMs)
    return sendFailure(settings, error, request, reply)
  })
  answerWhatNodeWouldNot(server.server, settings)
  return server
}

/** Whether there was no room: what callers get again and again who try again at once. */
function isRefusal(error: unknown): boolean {
  return error instanceof Failure && (error.kind === platform.overloaded || error.kind === platform.tenantBusy)
}

/** Node hangs up on CONNECT, and answers an unknown Expect with an empty 417 that RFC 9110 §10.1.1 leaves to us. */
function answerWhatNodeWouldNot(server: Server, settings: ServerSettings): void {
  server.on('connect', (_, socket: Socket) => answerUnreadable(settings, new Error('this is no proxy'), socket))
  server.on('checkExpectation', (request, response) => server.emit('request', request, response))
}

async function readBody({ headers }: FastifyRequest, body: Buffer): Promise<unknown> {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new Failure(platform.unsupportedMedia)
  return body.length === 0 ? undefined : parseJsonBody(body)
}

/** Exactly one host that is one (RFC 9112 §3.2): whoever stands before us may have believed the other. */
function checkHost({ raw: { headers, httpVersion } }: FastifyRequest): void {
  if (headers.host === undefined && httpVersion === '1.0') return
  if (/^([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?$/i.test(headers.host ?? '')) return
  throw new Failure(platform.malformed, { detail: 'The header Host must name one host.' })
}

/** A caller's own id is kept when it is harmless in headers and logs. */
function requestIdFrom(header: string | string[] | undefined): string {
  return typeof header === 'string' && /^[\w.-]{8,128}$/.test(header) ? header : newId()
}

/** W3C Trace Context, `00-<32 hex>-<16 hex>-<2 hex>`. */
function traceIdFrom(traceparent: string | string[] | undefined): string | undefined {
  return typeof traceparent === 'string'
    ? /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/.exec(traceparent)?.[1]
    : undefined
}

function logRequest(log: Log, request: FastifyRequest, reply: FastifyReply): void {
  // Shed requests are logged by number, once a second: a line for each would be work that nobody has time for.
  if (request.facts?.shed) return
  // Probes come every few seconds and say nothing while all is well.
  if (reply.statusCode === 200 && (request.url === '/livez' || request.url === '/readyz')) return
  log.info(
    {
      request_id: request.id,
      trace_id: request.traceId,
      tenant_id: request.facts?.tenantId,
      user_id: request.facts?.actorId,
      operation: request.facts?.operation,
      method: request.method,
      // The pattern, not the address: ids and tokens stay out of the log.
      path: request.routeOptions.url,
      status: reply.statusCode,
      duration_ms: tenths(reply.elapsedTime),
      db_ms: request.facts?.databaseMs === undefined ? undefined : tenths(request.facts.databaseMs),
    },
    'request',
  )
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10
}

/** Answers with the problem document of whatever was thrown, and logs what the caller is not told. */
export function sendFailure(
  settings: ServerSettings,
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const failure = failureOf(fastifyFailure(error) ?? error)
  const { kind, retryAfterSeconds } = failure
  if (kind === platform.overloaded) {
    request.facts.shed = true
  } else if (kind.status >= 500) {
    logFailure(settings.log, failure, request)
  }
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(retryAfterSeconds)))
  if (kind === platform.unauthenticated) reply.header('www-authenticate', 'Bearer')
  const path = request.url.split('?', 1)[0] ?? ''
  const problem = problemOf(failure, { id: request.id, path, publicUrl: settings.publicUrl })
  // Again, because the router refuses some addresses before any hook has run.
  reply.header('x-request-id', request.id)
  return reply
    .code(kind.status)
    .header('cache-control', 'no-store')
    .header('x-content-type-options', 'nosniff')
    .type('application/problem+json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(problem)
}

function logFailure(log: Log, failure: Failure, request: FastifyRequest): void {
  const { kind, cause } = failure
  const where = { request_id: request.id, trace_id: request.traceId, operation: request.facts?.operation }
  // Nothing is answered, so there will be no other line about it.
  if (cause instanceof RequestAbandoned) return log.info({ ...where, reason: cause.message }, 'a caller has gone')
  const alert = kind === platform.unexpected || isDiskFull(cause)
  log.error({ ...where, error: cause ?? failure, code: kind.code, alert }, 'a request failed')
}

/** Fastify's own errors, by their codes. */
const kindOfFastifyCode: Readonly<Record<string, FailureKind>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: platform.unsupportedMedia,
  FST_ERR_CTP_BODY_TOO_LARGE: platform.tooLarge,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: platform.malformed,
  FST_ERR_CTP_EMPTY_JSON_BODY: platform.malformed,
  FST_ERR_BAD_URL: platform.malformed,
  FST_ERR_ASYNC_CONSTRAINT: platform.malformed,
  FST_ERR_MAX_PARAM_LENGTH: platform.addressTooLong,
}

function fastifyFailure(error: unknown): Failure | undefined {
  if (error instanceof Failure || !(error instanceof Error)) return undefined
  const kind = 'code' in error ? kindOfFastifyCode[String(error.code)] : undefined
  if (kind) return new Failure(kind, { cause: error })
  // What a plugin refuses with a 4xx of its own is the caller's fault, not a defect.
  const status = 'statusCode' in error ? Number(error.statusCode) : 500
  return status >= 400 && status < 500 ? new Failure(platform.malformed, { cause: error }) : undefined
}

/** A request that Node's parser gave up on has no reply object: the document is written to the socket, which is closed. */
function answerUnreadable(settings: ServerSettings, error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const kind =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? platform.headersTooLarge
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? platform.requestTimeout
        : platform.malformed
  const requestId = newId()
  const body = JSON.stringify(problemOf(new Failure(kind), { id: requestId, path: '', publicUrl: settings.publicUrl }))
  settings.log.info({ request_id: requestId, status: kind.status, reason: error.code }, 'unreadable request')
  socket.end(
    `HTTP/1.1 ${kind.status} ${STATUS_CODES[kind.status]}\r\nContent-Type: application/problem+json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\nX-Request-Id: ${requestId}\r\nConnection: close\r\n\r\n${body}`,
  )
}
