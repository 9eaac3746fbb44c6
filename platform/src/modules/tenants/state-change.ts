import type { Ctx } from '#kernel/context'
import { notFound } from '#kernel/errors/platform-failures'
import { type DirectoryRecord, findDirectoryEntry, writeState } from './directory-store.ts'
import { graceNotOver, notConfirmed, wrongState } from './failures.ts'
import { graceEnd, stateAfter, type Transition } from './lifecycle.ts'

/** Any operation that changes the state of a tenant can fail in these ways. */
export const stateChangeErrors = [notFound, wrongState, notConfirmed, graceNotOver] as const

/** A tenant's line in the directory before and after. */
export interface ChangedState {
  readonly before: DirectoryRecord
  readonly after: DirectoryRecord
}

/**
 * Takes the tenant of `ctx` through one transition. The line is locked first: of two changes at once the second finds
 * what the first has left. What was typed to confirm must be the tenant's name or slug.
 */
export async function changeState(
  ctx: Ctx,
  transition: Transition,
  { reason, confirmation }: { reason: string; confirmation?: Confirmation },
): Promise<ChangedState> {
  const before = (await findDirectoryEntry(ctx, ctx.tenant.id, 'lock')) ?? ctx.fail(notFound)
  const state = stateAfter(transition, before) ?? ctx.fail(wrongState)
  if (confirmation && before[confirmation.field] !== confirmation.typed) {
    const detail = notConfirmed.title
    ctx.fail(notConfirmed, { errors: [{ pointer: `#/${confirmation.field}`, code: 'different', detail }] })
  }
  if (transition === 'purge' && (before.purgeAfter ?? '') > ctx.now) ctx.fail(graceNotOver)
  const cancelled = state === 'cancelled'
  const after =
    (await writeState(ctx, {
      state,
      reason,
      stateBefore: cancelled ? before.state : null,
      purgeAfter: cancelled ? graceEnd(ctx.now) : null,
    })) ?? ctx.fail(notFound)
  return { before, after }
}

interface Confirmation {
  readonly field: 'name' | 'slug'
  readonly typed: string
}
