import type { Ctx } from '#kernel/context'
import { invalid, notFound } from '#kernel/errors/platform-failures'
import type { SystemRole } from '#kernel/module'
import { list, operation } from '#kernel/operation'
import { id, slug, z } from '#kernel/schema'
import { assignRole, permissionsOfRole, RoleName, withdrawRoles } from '#modules/access'
import {
  memberLeft,
  memberRemoved,
  memberRoleChanged,
  ownershipTransferred,
  tenantCreated,
  tenantRenamed,
} from './events.ts'
import { lastOwner, notGrantable, slugTaken } from './failures.ts'
import { found, slugField } from './founding.ts'
import { CurrentTenant, Member, OwnTenant, PlaceName, Tenant, TenantName } from './model.ts'
import * as store from './store.ts'

export const createTenant = operation({
  name: 'tenants.create',
  summary: 'Create an organisation and become its owner',
  http: 'POST /tenants',
  input: {
    name: TenantName,
    slug: slug().optional().describe('Its part of the address; made from the name when absent.'),
    region: PlaceName.optional().describe('Where everything of it will stay; the first of `/regions` when absent.'),
  },
  output: Tenant,
  permission: 'signed-in',
  target: 'control',
  tenantFrom: { founds: ({ region }: { region?: string | undefined }) => ({ region }) },
  errors: [slugTaken],
  emits: [tenantCreated],
  // The tenant's own database is set up by a listener; usually that is done before the reply leaves.
  replyAfter: 'handlers',

  async run(ctx, asked) {
    const { id: userId, name, email = '' } = ctx.actor
    const { tenant, created } = await found(ctx, asked, { userId, name, email })
    ctx.record(tenantCreated, { after: created })
    return tenant
  },
})

export const listTenants = operation({
  name: 'tenants.list',
  summary: 'List the organisations you belong to',
  http: 'GET /tenants',
  output: z.object({ items: z.array(OwnTenant).max(200) }),
  permission: 'signed-in',
  target: 'control',
  async run(ctx) {
    return { items: await store.tenantsOf(ctx) }
  },
})

export const readTenant = operation({
  name: 'tenant.read',
  summary: 'Show the organisation you are in, and what you may do there',
  http: 'GET /tenant',
  output: CurrentTenant,
  permission: 'tenant:read',
  async run({ tenant, permissions, access, actor: { support } }) {
    const { name, state } = tenant
    // Pages offer what may be done: in a support session that only reads, no more than that.
    const readsOnly = support !== undefined && !support.mayWrite
    const offered = (held: ReadonlySet<string>) =>
      [...held].filter((permission) => !readsOnly || permission.endsWith(':read')).toSorted()
    const named = { id: tenant.id, slug: tenant.slug, name, state }
    return { ...named, permissions: offered(permissions), somewhere: offered(access.somewhere) }
  },
})

export const renameTenant = operation({
  name: 'tenant.rename',
  summary: 'Change the name or the address of this organisation',
  http: 'PATCH /tenant',
  input: { name: TenantName.optional(), slug: slug().optional() },
  output: Tenant,
  permission: 'tenant:update',
  target: 'control',
  errors: [notFound, slugTaken],
  emits: [tenantRenamed],

  async run(ctx, changes) {
    const before = (await store.lockTenant(ctx)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const after = (await store.updateTenant(ctx, changes)) ?? ctx.fail(slugTaken, slugField)
    ctx.record(tenantRenamed, { before, after })
    return after
  },
})

export const transferOwnership = operation({
  name: 'tenant.transferOwnership',
  summary: 'Make another member the owner and become an administrator yourself',
  http: 'POST /tenant/transfer-ownership',
  input: { memberId: id() },
  output: Member,
  status: 200,
  permission: 'tenant:transfer',
  errors: [notFound, invalid],
  emits: [ownershipTransferred],
  stepUp: true,

  async run(ctx, { memberId }) {
    await store.lockOwners(ctx)
    const before = (await store.findMember(ctx, { id: memberId }, 'lock')) ?? ctx.fail(notFound)
    if (before.userId === ctx.actor.id) ctx.fail(invalid, notToYourself)
    await assignRole(ctx, before.userId, 'owner')
    await assignRole(ctx, ctx.actor.id, 'admin')
    await store.touchMember(ctx, memberId)
    const after = { ...before, role: 'owner' as const, version: before.version + 1 }
    ctx.record(ownershipTransferred, { before, after, resourceId: ctx.tenant.id })
    return after
  },
})

export const listMembers = list({
  name: 'members.list',
  summary: 'List the members of this organisation',
  http: 'GET /members',
  item: Member,
  sort: ['name', 'joinedAt'],
  permission: 'member:read',
  run: (ctx, page) => store.listMembers(ctx, page),
})

export const changeMemberRole = operation({
  name: 'members.changeRole',
  summary: 'Give a member another role',
  http: 'PATCH /members/{id}',
  input: { id: id(), role: RoleName },
  output: Member,
  permission: 'member:update',
  errors: [notFound, lastOwner, notGrantable],
  emits: [memberRoleChanged],

  async run(ctx, { id: memberId, role }) {
    const owners = await store.lockOwners(ctx)
    const before = (await store.findMember(ctx, { id: memberId }, 'lock')) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    await requireGrantable(ctx, role)
    await requireGrantable(ctx, before.role, mayDoMore)
    if (role !== 'owner') requireAnotherOwner(ctx, owners, before.userId)
    await assignRole(ctx, before.userId, role)
    await store.touchMember(ctx, memberId)
    const after = { ...before, role, version: before.version + 1 }
    ctx.record(memberRoleChanged, { before, after })
    return after
  },
})

export const removeMember = operation({
  name: 'members.remove',
  summary: 'Remove a member from this organisation',
  http: 'DELETE /members/{id}',
  input: { id: id() },
  permission: 'member:remove',
  errors: [notFound, lastOwner, notGrantable],
  emits: [memberRemoved],
  replyAfter: 'handlers',

  async run(ctx, { id: memberId }) {
    const owners = await store.lockOwners(ctx)
    const member = (await store.findMember(ctx, { id: memberId }, 'lock')) ?? ctx.fail(notFound)
    // Whoever may not make somebody an owner may not unmake one either.
    await requireGrantable(ctx, member.role, mayDoMore)
    requireAnotherOwner(ctx, owners, member.userId)
    await withdrawRoles(ctx, member.userId)
    await store.deleteMember(ctx, memberId)
    ctx.record(memberRemoved, { before: member })
  },
})

export const leaveTenant = operation({
  name: 'members.leave',
  summary: 'Leave this organisation',
  http: 'POST /members/leave',
  permission: 'member:leave',
  errors: [notFound, lastOwner],
  emits: [memberLeft],
  replyAfter: 'handlers',

  async run(ctx) {
    const owners = await store.lockOwners(ctx)
    const member = (await store.findMember(ctx, { userId: ctx.actor.id }, 'lock')) ?? ctx.fail(notFound)
    requireAnotherOwner(ctx, owners, member.userId)
    await withdrawRoles(ctx, member.userId)
    await store.deleteMember(ctx, member.id)
    ctx.record(memberLeft, { before: member })
  },
})

const notToYourself = {
  errors: [{ pointer: '#/memberId', code: 'self', detail: 'You are the owner. Name another member.' }],
}
const mayDoMore = 'This member may do more than you may.'

/** Nobody grants, or takes, more than they hold. */
export async function requireGrantable(ctx: Ctx, role: SystemRole, detail = notGrantable.title): Promise<void> {
  const granted = await permissionsOfRole(ctx, role)
  if (!granted.every((permission) => ctx.permissions.has(permission))) ctx.fail(notGrantable, { detail })
}

function requireAnotherOwner(ctx: Ctx, owners: readonly string[], userId: string): void {
  if (owners.length === 1 && owners[0] === userId) ctx.fail(lastOwner)
}
