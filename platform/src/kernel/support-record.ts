import { supportSessionUsed } from './events.ts'
import type { Operation } from './operation.ts'
import type { OperationContext } from './operation-context.ts'

/** What staff read in a support session is on record before they see it. */
export function recordSupportRead({ name, about }: Operation, input: unknown, context: OperationContext): void {
  const { support } = context.actor
  if (!support) return
  const record = about(input as never)
  context.record(supportSessionUsed, { resourceId: support.sessionId, after: { operation: name, ...record } })
}
