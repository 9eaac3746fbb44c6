import { job } from '#kernel/operation'
import { completeRecoveries } from './account-recovery.ts'
import { recoveryCompleted } from './events.ts'
import * as store from './store.ts'

/** Forgets sessions, links and throttles whose time is over: what nobody can use should not be there to be stolen. */
export const deleteExpired = job('identity.deleteExpired', {
  target: 'identity',
  daily: true,
  run: (ctx) => store.deleteExpired(ctx.db, ctx.now),
})

/** Whose 72 hours are over and who has not signed in since: their sessions end now, and not when they come. */
export const completeDueRecoveries = job('identity.completeDueRecoveries', {
  target: 'identity',
  daily: true,
  async run(ctx) {
    for (const userId of await completeRecoveries(ctx)) ctx.record(recoveryCompleted, { resourceId: userId })
  },
})
