import type { OpenCtx, TenantState } from '#kernel/context'
import { cellsWith, tenantsIn } from './round-store.ts'

/**
 * A round comes to every tenant, in each cell to one after the other, so that none is hit by all at once. What is left of
 * a cell is handed from message to message of the control outbox.
 */

/** What is left of a round in one cell. */
export interface RoundPart {
  readonly cell: string
  /** The last tenant that is done; absent at the beginning. */
  readonly after?: string
}

/** Mails wait in the same outbox, so one message works for a second at most, and enqueues what is left behind them. */
const partMs = 1_000
const tenantsMax = 100
/** Whoever fails by itself must not be taken for its cell. */
const triedMin = 3

interface Round {
  /** What is done to each of them, for the log: `measured`. */
  readonly done: string
  readonly states: readonly TenantState[]
  /** `again`: there is more to do in this tenant. */
  readonly visit: (tenantId: string) => Promise<unknown>
}

/** The parts that a round begins with. */
export async function roundParts(ctx: OpenCtx, { states }: Pick<Round, 'states'>): Promise<RoundPart[]> {
  return (await cellsWith(ctx, states)).map((cell) => ({ cell }))
}

/**
 * Comes to tenants of one cell, and says what is left. A tenant that fails waits for the next round. Where all fail, the
 * cell is taken to be down and this throws: the relay tries the same part again, later and later, and the parts of other
 * cells go on beside it.
 */
export async function goRound(ctx: OpenCtx, part: RoundPart, round: Round): Promise<RoundPart | undefined> {
  const { cell } = part
  const endMs = performance.now() + partMs
  const tenants = await tenantsIn(ctx, part, round.states, tenantsMax)
  const failures: unknown[] = []
  let tried = 0
  for (const id of tenants) {
    if (tried >= triedMin && performance.now() > endMs) break
    tried++
    try {
      if ((await round.visit(id)) === 'again') {
        const before = tenants[tried - 2] ?? part.after
        return { cell, ...(before === undefined ? {} : { after: before }) }
      }
    } catch (error) {
      failures.push(error)
      ctx.log.warn({ error, tenant_id: id }, `a tenant could not be ${round.done}`)
    }
  }
  if (tried > 0 && failures.length === tried)
    throw new AggregateError(failures, `no tenant of cell ${cell} could be ${round.done}: ${String(failures[0])}`)
  const last = tenants[tried - 1]
  return last !== undefined && (tried < tenants.length || tried === tenantsMax) ? { cell, after: last } : undefined
}
