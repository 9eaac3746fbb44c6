import { job } from '#kernel/operation'
import { fleetPort } from './ports.ts'
import { findTarget } from './target-store.ts'

/**
 * Begins to bring one target up. It does not wait for the end: a migration may take hours, a handler has ten seconds, and
 * mails wait in the same outbox. So nothing cuts a migration in half, it takes the target's lock like any other, and the
 * mirror says what became of it. A process that is killed meanwhile leaves `running` there, which can be tried again like
 * a failure; PostgreSQL takes back what it had begun.
 */
export const bringTargetUp = job<{ id: string }>('fleetTargets.bringUp', {
  target: 'control',
  async run(ctx, { id }) {
    const fleet = ctx.port(fleetPort)
    const wanted = await fleet.wanted()
    const target = await findTarget(ctx, id, wanted)
    // Forgotten since: it is no more.
    if (!target) return
    if (target.wanted > wanted[target.kind])
      throw new Error(`${target.name} belongs to a newer release than this process`)
    fleet.bringUp(target.name)
  },
})
