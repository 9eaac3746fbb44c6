import { module } from '#kernel/module'
import { repeatMessage } from './operations.ts'

/** What the relay could not carry to its end. */
export const outbox = module({ name: 'outbox', operations: [repeatMessage] })
