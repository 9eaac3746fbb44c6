import { setTimeout as wait } from 'node:timers/promises'
import { Database } from '../../platform/src/kernel/database/database.ts'
import { ReadSession } from '../../platform/src/kernel/database/session.ts'
import { systemActor } from '../../platform/src/kernel/database/signed-context.ts'
import type { Sql } from '../../platform/src/kernel/database/statement.ts'
import { Failure } from '../../platform/src/kernel/errors/failure.ts'
import type { Tenants } from './tenants.ts'

/** What an operation has (see pipeline.ts). */
const deadlineAfterMs = 10_000
const quietCallers = 2
/** People ask now and then, not in a closed loop: 40 reads a second between two of them. */
const quietPauseMaxMs = 100
/** Until all heavy callers have come, and connections are open. */
const settleMs = 1_000

export interface Round {
  /** Of the quiet tenant's reads; those that were refused count with the time until then. */
  readonly quietMs: readonly number[]
  readonly quietRefused: number
  readonly scansPerMinute: number
  readonly scansRefused: number
}

/** The quiet tenant reads for so long while so many callers of the other tenant scan, each after the other. */
export async function noiseRound(
  database: Database,
  { quiet, heavy }: Tenants,
  { heavyCallers, forMs }: { heavyCallers: number; forMs: number },
): Promise<Round> {
  const over = new AbortController()
  const scans = repeated(heavyCallers, over.signal, () => ask(database, heavy.tenantId, heavy.scan()))
  await wait(settleMs)
  const scansBefore = scans.count()
  const beganAtMs = performance.now()
  const reads = repeated(quietCallers, AbortSignal.timeout(forMs), async () => {
    await wait(Math.random() * quietPauseMaxMs)
    return ask(database, quiet.tenantId, quiet.read())
  })
  await reads.ended
  const minutes = (performance.now() - beganAtMs) / 60_000
  const scansPerMinute = (scans.count() - scansBefore) / minutes
  over.abort()
  await scans.ended
  return {
    quietMs: reads.outcomes.map(({ tookMs }) => tookMs),
    quietRefused: refusedIn(reads.outcomes),
    scansPerMinute,
    scansRefused: refusedIn(scans.outcomes),
  }
}

interface Outcome {
  readonly tookMs: number
  readonly refused: boolean
}

/** So many callers that ask one after the other until the signal. */
function repeated(callers: number, until: AbortSignal, once: () => Promise<Outcome>) {
  const outcomes: Outcome[] = []
  const caller = async () => {
    while (!until.aborted) outcomes.push(await once())
  }
  const ended = Promise.all(Array.from({ length: callers }, caller))
  return { outcomes, ended, count: () => outcomes.length - refusedIn(outcomes) }
}

function refusedIn(outcomes: readonly Outcome[]): number {
  return outcomes.filter(({ refused }) => refused).length
}

/** One statement of a tenant. Its answer must be a row; a refusal is an outcome, every other error ends the benchmark. */
async function ask(database: Database, tenantId: string, statement: Sql): Promise<Outcome> {
  const beganAtMs = performance.now()
  const identity = { tenantId, actorId: systemActor }
  const session = new ReadSession({
    target: { database },
    identity,
    deadlineMs: beganAtMs + deadlineAfterMs,
  })
  try {
    const row = await session.first(statement)
    if (!row) throw new Error('a statement of the benchmark found nothing')
    return { tookMs: performance.now() - beganAtMs, refused: false }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { tookMs: performance.now() - beganAtMs, refused: true }
  }
}
