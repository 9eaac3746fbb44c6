import type { OutboxMessage } from '#kernel/outbox/given-up'
import { port } from '#kernel/port'

/** Repeats a message that was given up, of a tenant or of none; undefined when there is none such. */
export type Repetition = (message: { id: string; tenant?: string | undefined }) => Promise<OutboxMessage | undefined>
export const repetition = port<Repetition>('repetition of messages')
