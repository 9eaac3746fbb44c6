import { event } from '#kernel/operation'

export const auditExported = event('audit.exported', { version: 1 })
export const auditTrimmed = event('audit.trimmed', { version: 1 })
export const auditRetentionChanged = event('auditRetention.changed', { version: 1 })
export const auditStreamCreated = event('auditStream.created', { version: 1 })
export const auditStreamUpdated = event('auditStream.updated', { version: 1 })
export const auditStreamPaused = event('auditStream.paused', { version: 1 })
export const auditStreamResumed = event('auditStream.resumed', { version: 1 })
export const auditStreamTested = event('auditStream.tested', { version: 1 })
export const auditStreamRotated = event('auditStream.rotated', { version: 1 })
export const auditStreamDeleted = event('auditStream.deleted', { version: 1 })
