import { event } from './operation.ts'

/** One of the staff has read something of a tenant in a support session. The pipeline records it, whatever the operation. */
export const supportSessionUsed = event('supportSession.used', { version: 1 })
