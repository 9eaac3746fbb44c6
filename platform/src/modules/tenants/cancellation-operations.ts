import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { findDirectoryEntry } from './directory-store.ts'
import { tenantCancelled, tenantRestored } from './events.ts'
import { graceDays } from './lifecycle.ts'
import { Cancellation, Reason, TenantName } from './model.ts'
import { changeState, stateChangeErrors } from './state-change.ts'

/** What an owner does about the end of their tenant. */

export const cancelTenant = operation({
  name: 'tenant.cancel',
  summary: 'Cancel this organisation',
  description: `Nobody can use it from then on. Its owner can restore it for ${graceDays} days; after that everything in it is deleted.`,
  http: 'POST /tenant/cancel',
  input: { name: TenantName.describe('The name of the organisation, typed to confirm.'), reason: Reason },
  output: Cancellation,
  status: 200,
  permission: 'tenant:cancel',
  target: 'control',
  alsoIn: ['read_only'],
  errors: [...stateChangeErrors],
  emits: [tenantCancelled],
  stepUp: true,

  async run(ctx, { name, reason }) {
    const { before, after } = await changeState(ctx, 'cancel', { reason, confirmation: { field: 'name', typed: name } })
    ctx.record(tenantCancelled, { before, after })
    return { reason, cancelledAt: after.stateSince, purgeAfter: after.purgeAfter ?? after.stateSince }
  },
})

export const readCancellation = operation({
  name: 'tenant.readCancellation',
  summary: 'Show why this organisation was cancelled, and until when it can be restored',
  http: 'GET /tenant/cancellation',
  output: Cancellation,
  permission: 'tenant:cancel',
  target: 'control',
  alsoIn: ['cancelled'],
  errors: [notFound],

  async run(ctx) {
    const entry = (await findDirectoryEntry(ctx, ctx.tenant.id)) ?? ctx.fail(notFound)
    const { reason, purgeAfter, stateSince } = entry
    return reason === null || purgeAfter === null ? ctx.fail(notFound) : { reason, cancelledAt: stateSince, purgeAfter }
  },
})

export const restoreTenant = operation({
  name: 'tenant.restore',
  summary: 'Take the cancellation of this organisation back',
  description: 'It becomes what it was before: an organisation that was suspended is suspended again.',
  http: 'POST /tenant/restore',
  input: { reason: Reason },
  status: 200,
  output: Cancellation.pick({ reason: true }),
  permission: 'tenant:cancel',
  target: 'control',
  alsoIn: ['cancelled'],
  errors: [...stateChangeErrors],
  emits: [tenantRestored],

  async run(ctx, { reason }) {
    const { before, after } = await changeState(ctx, 'restore', { reason })
    ctx.record(tenantRestored, { before, after })
    return { reason }
  },
})
