import { event } from '#kernel/operation'

export const messageRepeated = event('outboxMessage.repeated', { version: 1 })
