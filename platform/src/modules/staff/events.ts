import { event } from '#kernel/operation'

export const staffAppointed = event('staff.appointed', { version: 1, changesAccess: true })
export const userSessionsEnded = event('userSessions.ended', { version: 1, changesAccess: true })
export const staffDismissed = event('staff.dismissed', { version: 1, changesAccess: true })
