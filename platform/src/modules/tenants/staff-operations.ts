import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, searchText, slug, z } from '#kernel/schema'
import { countMemberships, deleteMemberships, findDirectoryEntry, listDirectory } from './directory-store.ts'
import { tenantCancelled, tenantPurged, tenantReactivated, tenantRestored, tenantSuspended } from './events.ts'
import { eraseTenant } from './jobs.ts'
import { graceDays } from './lifecycle.ts'
import { DirectoryEntry, DirectoryEntryInFull, Member, Reason, State } from './model.ts'
import { changeState, stateChangeErrors } from './state-change.ts'
import { listMembers } from './store.ts'

/** What staff do with tenants. Each change is in the tenant's own audit log, with its reason. */

const tenantOfId = ({ id: tenantId }: { id: string }) => tenantId
const typedSlug = slug().describe('The address of the organisation, typed to confirm.')

/** What all changes of a tenant's state by staff have in common. */
const change = {
  output: DirectoryEntry,
  status: 200,
  permission: 'staff',
  target: 'control',
  tenantFrom: tenantOfId,
  errors: [...stateChangeErrors],
} as const

export const listForStaff = list({
  name: 'staffTenants.list',
  summary: 'List the organisations of this installation',
  http: 'GET /staff/tenants',
  item: DirectoryEntry,
  sort: ['-createdAt', 'name'],
  filter: {
    search: searchText().optional().describe('Part of the name or of the address, or how the id begins.'),
    state: State.optional(),
  },
  permission: 'staff',
  target: 'control',
  async run(ctx, page, filter) {
    return listDirectory(ctx, page, filter)
  },
})

export const readForStaff = operation({
  name: 'staffTenants.read',
  summary: 'Show an organisation as the platform knows it',
  http: 'GET /staff/tenants/{id}',
  input: { id: id() },
  output: DirectoryEntryInFull,
  permission: 'staff',
  target: 'control',
  errors: [notFound],

  async run(ctx, { id: tenant }) {
    const record = (await findDirectoryEntry(ctx, tenant)) ?? ctx.fail(notFound)
    return { ...record, members: await countMemberships(ctx, tenant) }
  },
})

export const listMembersForStaff = list({
  name: 'staffTenants.listMembers',
  summary: 'List the members of an organisation',
  description: 'Who they are and their role for the whole organisation; nothing of what they work on.',
  http: 'GET /staff/tenants/{id}/members',
  item: Member,
  sort: ['name', 'joinedAt'],
  filter: { id: id() },
  permission: 'staff',
  tenantFrom: tenantOfId,
  errors: [notFound],

  async run(ctx, page) {
    // Of the one nothing is left, the other is not there yet.
    if (ctx.tenant.state === 'purged' || ctx.tenant.state === 'provisioning') ctx.fail(notFound)
    return listMembers(ctx, page)
  },
})

export const suspendTenant = operation({
  ...change,
  name: 'staffTenants.suspend',
  summary: 'Suspend an organisation',
  description: 'Read-only: everything can still be read. Blocked: nothing can, and its background work waits.',
  http: 'POST /staff/tenants/{id}/suspend',
  input: { id: id(), mode: z.enum(['read_only', 'blocked']), reason: Reason },
  emits: [tenantSuspended],

  async run(ctx, { mode, reason }) {
    const { before, after } = await changeState(ctx, mode === 'blocked' ? 'suspend' : 'makeReadOnly', { reason })
    ctx.record(tenantSuspended, { before, after })
    return after
  },
})

export const reactivateTenant = operation({
  ...change,
  name: 'staffTenants.reactivate',
  summary: 'End the suspension of an organisation',
  http: 'POST /staff/tenants/{id}/reactivate',
  input: { id: id(), reason: Reason },
  emits: [tenantReactivated],

  async run(ctx, { reason }) {
    const { before, after } = await changeState(ctx, 'reactivate', { reason })
    ctx.record(tenantReactivated, { before, after })
    return after
  },
})

export const cancelByStaff = operation({
  ...change,
  name: 'staffTenants.cancel',
  summary: 'Cancel an organisation',
  description: `It can be restored for ${graceDays} days. After that everything in it is deleted.`,
  http: 'POST /staff/tenants/{id}/cancel',
  input: { id: id(), slug: typedSlug, reason: Reason },
  emits: [tenantCancelled],

  async run(ctx, { slug: typed, reason }) {
    const { before, after } = await changeState(ctx, 'cancel', { reason, confirmation: { field: 'slug', typed } })
    ctx.record(tenantCancelled, { before, after })
    return after
  },
})

export const restoreByStaff = operation({
  ...change,
  name: 'staffTenants.restore',
  summary: 'Take the cancellation of an organisation back',
  description: 'It becomes what it was before: an organisation that was suspended is suspended again.',
  http: 'POST /staff/tenants/{id}/restore',
  input: { id: id(), reason: Reason },
  emits: [tenantRestored],

  async run(ctx, { reason }) {
    const { before, after } = await changeState(ctx, 'restore', { reason })
    ctx.record(tenantRestored, { before, after })
    return after
  },
})

export const purgeTenant = operation({
  ...change,
  name: 'staffTenants.purge',
  summary: 'Delete everything of a cancelled organisation for good',
  description: `Possible once the ${graceDays} days of grace are over; the platform does it by itself within a day of that.`,
  http: 'POST /staff/tenants/{id}/purge',
  input: { id: id(), slug: typedSlug, reason: Reason },
  emits: [tenantPurged],

  async run(ctx, { slug: typed, reason }) {
    const { before, after } = await changeState(ctx, 'purge', { reason, confirmation: { field: 'slug', typed } })
    await deleteMemberships(ctx)
    ctx.enqueue(eraseTenant, {})
    ctx.record(tenantPurged, { before, after })
    return after
  },
})
