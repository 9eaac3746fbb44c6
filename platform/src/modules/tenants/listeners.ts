import { listener } from '#kernel/operation'
import { assignRole, catalogue, insertSystemRoles, systemRoles } from '#modules/access'
import { emailChanged, emailChangeReverted } from '#modules/identity'
import { memberJoined, memberLeft, memberRemoved, tenantActivated, tenantCreated } from './events.ts'
import { tenantIdsOf } from './member-address-store.ts'
import { memberAddress, places } from './ports.ts'
import * as store from './store.ts'

/** Makes the place where a new tenant's rows will be. */
export const providePlace = listener('tenants.providePlace', {
  on: tenantCreated,
  target: 'control',
  run: (ctx) => ctx.port(places).provide(ctx.tenant),
})

/** Sets a new tenant up in its own database: roles, and its owner as the first member. */
export const provision = listener('tenants.provision', {
  on: tenantCreated,
  async run(ctx, { data }) {
    const owner = data as { ownerId: string; ownerName: string; ownerEmail: string }
    await insertSystemRoles(ctx, ctx.port(catalogue).permissions, systemRoles)
    const joined = await store.insertMember(ctx, {
      userId: owner.ownerId,
      name: owner.ownerName,
      email: owner.ownerEmail,
    })
    await assignRole(ctx, owner.ownerId, 'owner')
    if (joined)
      ctx.record(memberJoined, { after: { ...joined, userId: owner.ownerId, name: owner.ownerName, role: 'owner' } })
  },
})

/** Opens a tenant once it is set up: listeners of one event run in the order of the manifest. */
export const activate = listener('tenants.activate', {
  on: tenantCreated,
  target: 'control',
  async run(ctx, { resourceId }) {
    const after = await store.activateTenant(ctx, resourceId)
    if (after) ctx.record(tenantActivated, { before: { ...after, state: 'provisioning' }, after })
  },
})

export const keepMembership = listener('memberships.keep', {
  on: memberJoined,
  target: 'control',
  run: (ctx, { data }) => store.insertMembership(ctx, data['userId'] as string, ctx.tenant.id),
})

export const dropMembership = listener('memberships.drop', {
  on: [memberRemoved, memberLeft],
  target: 'control',
  run: (ctx, { data }) => store.deleteMembership(ctx, data['userId'] as string, ctx.tenant.id),
})

/** Tenants keep a copy of the address, to list and to find their members by. */
export const followAddress = listener('members.followAddress', {
  on: [emailChanged, emailChangeReverted],
  target: 'control',
  async run(ctx, { resourceId: userId, data }) {
    const email = data['email'] as string
    for (const { tenantId } of await tenantIdsOf(ctx.db, userId))
      await ctx.port(memberAddress)({ tenantId, userId, email })
  },
})
