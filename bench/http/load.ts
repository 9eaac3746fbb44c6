import autocannon from 'autocannon'
import { cpuSecondsOf, cpuSecondsOfFamily } from '../cpu-time.ts'

/** A server under load, and the processes whose CPU time is read. */
export interface Subject {
  readonly url: string
  readonly pid: number
  readonly postgresPid: number
}

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Of every answer. */
  readonly status: number
}

export interface Round {
  readonly requests: number
  readonly seconds: number
  /** Of the server process. */
  readonly cpuSeconds: number
  /** Of all processes of PostgreSQL. */
  readonly postgresCpuSeconds: number
  readonly requestsPerCpuSecond: number
  readonly latencyMs: { readonly p50: number; readonly p99: number }
}

/** Enough to keep ten database connections busy. */
const connections = 32
const endSeenAfterMs = 50

/**
 * Sends so many requests and returns what they cost. CPU time is read after `settled`, so that what the server still
 * does once it has answered counts. Throws when a single answer is not as it must be.
 */
export async function loadRound(
  subject: Subject,
  exchange: Exchange,
  expected: { requests: number; isRight: (body: string) => boolean; settled: () => Promise<void> },
): Promise<Round> {
  const { requests, isRight, settled } = expected
  const { path, status, ...request } = exchange
  const before = reading(subject)
  const result = await autocannon({
    ...request,
    url: subject.url + path,
    connections,
    amount: requests,
    sampleInt: endSeenAfterMs,
    verifyBody: isRight,
  })
  await settled()
  const after = reading(subject)
  const { errors, timeouts, resets, mismatches, statusCodeStats, latency } = result
  if (statusCodeStats[status]?.count !== requests || errors + timeouts + resets + mismatches > 0) {
    const seen = JSON.stringify({ statusCodeStats, errors, timeouts, resets, mismatches })
    throw new Error(`${exchange.method} ${path}: not all of ${requests} answers were right: ${seen}`)
  }
  const cpuSeconds = after.cpuSeconds - before.cpuSeconds
  return {
    requests,
    seconds: (after.atMs - before.atMs) / 1_000,
    cpuSeconds,
    postgresCpuSeconds: after.postgresCpuSeconds - before.postgresCpuSeconds,
    requestsPerCpuSecond: requests / cpuSeconds,
    latencyMs: { p50: latency.p50, p99: latency.p99 },
  }
}

function reading({ pid, postgresPid }: Subject) {
  return {
    atMs: performance.now(),
    cpuSeconds: cpuSecondsOf(pid),
    postgresCpuSeconds: cpuSecondsOfFamily(postgresPid),
  }
}
