import { event } from '#kernel/operation'

export const fleetPaused = event('fleet.paused', { version: 1 })
export const fleetResumed = event('fleet.resumed', { version: 1 })
export const targetRetried = event('fleetTarget.retried', { version: 1 })
