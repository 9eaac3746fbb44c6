import { job } from '#kernel/operation'
import * as store from './store.ts'

/** Forgets sessions, links and throttles whose time is over: what nobody can use should not be there to be stolen. */
export const deleteExpired = job('identity.deleteExpired', {
  target: 'identity',
  daily: true,
  run: (ctx) => store.deleteExpired(ctx.db, ctx.now),
})
