import { event } from '#kernel/operation'

export const auditExported = event('audit.exported', { version: 1 })
