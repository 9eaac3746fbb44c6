import pg from 'pg'
import { Databases } from '../../platform/src/kernel/database/databases.ts'
import { ReadSession } from '../../platform/src/kernel/database/session.ts'
import { systemActor } from '../../platform/src/kernel/database/signed-context.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import { median } from '../statistics.ts'
import type { Servers } from './servers.ts'

const pairsPerRound = 2_000
const warmUpPairs = 1_000
const deadlineAfterMs = 10_000

/** Median microseconds of one point read, per round. */
export interface SessionCost {
  readonly ours: readonly number[]
  readonly bare: readonly number[]
}

/**
 * One row by its key, in turns through our session (signed context, policies) and by a plain `pg` query of the same
 * SQL on a table without policies. Ours takes its connection from the pool each time, `pg` has one of its own.
 */
export async function measureSessionCost(
  started: AsyncDisposableStack,
  { databases: settings, bareUrl, tenantId }: Servers,
  projectId: string,
  rounds: number,
): Promise<SessionCost> {
  const databases = new Databases(settings)
  started.defer(() => databases.end())
  const client = new pg.Client({ connectionString: bareUrl })
  await client.connect()
  started.defer(() => client.end())

  const pointRead = () =>
    sql`select id, name, description, state, due_on, created_at, updated_at, deleted_at, version from projects
      where tenant_id = ${tenantId} and id = ${projectId} and deleted_at is null`
  const identity = { tenantId, actorId: systemActor }
  const ours = async () => {
    const session = new ReadSession({
      target: { database: databases.cells[0].serving },
      identity,
      deadlineMs: performance.now() + deadlineAfterMs,
    })
    return (await session.first<{ id: string }>(pointRead()))?.id
  }
  const bare = async () => {
    const { text, values } = pointRead()
    return (await client.query<{ id: string }>({ name: 'point read', text, values })).rows[0]?.id
  }
  const timed = async (read: () => Promise<string | undefined>) => {
    const beganAtMs = performance.now()
    const found = await read()
    const tookMs = performance.now() - beganAtMs
    if (found !== projectId) throw new Error(`read ${found} in place of ${projectId}`)
    return tookMs * 1_000
  }
  const round = async (pairs: number) => {
    const times: { ours: number[]; bare: number[] } = { ours: [], bare: [] }
    for (let pair = 0; pair < pairs; pair++) {
      times.ours.push(await timed(ours))
      times.bare.push(await timed(bare))
    }
    return { ours: median(times.ours), bare: median(times.bare) }
  }

  await round(warmUpPairs)
  const measured: { ours: number; bare: number }[] = []
  for (let index = 0; index < rounds; index++) measured.push(await round(pairsPerRound))
  return { ours: measured.map((each) => each.ours), bare: measured.map((each) => each.bare) }
}
