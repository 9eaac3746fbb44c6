import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { id } from '#kernel/schema'
import { messageRepeated } from './events.ts'
import { Message, Reason } from './model.ts'
import { repetition } from './ports.ts'

export const repeatMessage = operation({
  name: 'outboxMessages.repeat',
  summary: 'Repeat a message of an outbox that was given up',
  description:
    'It is tried again from the first attempt on, and the answer does not wait for that. `npx tenantry outbox list` shows what was given up.',
  http: 'POST /staff/outbox-messages/{id}/repeat',
  status: 202,
  input: {
    id: id(),
    tenant: id().optional().describe('Whose it is; absent for what belongs to no organisation.'),
    reason: Reason,
  },
  output: Message,
  permission: 'staff',
  target: 'control',
  errors: [notFound],
  emits: [messageRepeated],

  async run(ctx, { reason, ...message }) {
    const repeated = (await ctx.port(repetition)(message)) ?? ctx.fail(notFound)
    ctx.record(messageRepeated, { after: { ...repeated, reason } })
    return repeated
  },
})
