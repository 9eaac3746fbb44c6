import { event } from '#kernel/operation'

/** Those that open or close a door are known to every process within a second. */
const said = ['staff', 'reason', 'raiseReason', 'isLetIn']
export const supportAsked = event('supportSession.asked', { version: 1, carries: said })
export const supportOpened = event('supportSession.opened', { version: 1, changesAccess: true })
export const supportRaiseAsked = event('supportSession.raiseAsked', { version: 1, carries: said })
export const supportRaised = event('supportSession.raised', { version: 1, changesAccess: true })
export const supportEnded = event('supportSession.ended', { version: 1, changesAccess: true })
export const supportPolicyChanged = event('supportPolicy.changed', { version: 1 })
