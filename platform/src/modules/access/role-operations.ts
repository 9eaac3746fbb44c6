import { faultIn } from '#kernel/access/condition'
import { lineageOf } from '#kernel/access/resource'
import type { Ctx } from '#kernel/context'
import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, z } from '#kernel/schema'
import { roleCreated, roleDeleted, roleUpdated } from './events.ts'
import { badCondition, notHeld, roleInUse, roleNameTaken, systemRole, unknownPermission } from './failures.ts'
import {
  GivenPermission,
  PermissionFacts,
  Role,
  RoleDescription,
  type RolePermission,
  RoleTitle,
  type SystemPermission,
  UnconditionalRole,
} from './model.ts'
import { catalogue } from './ports.ts'
import * as store from './role-store.ts'

const unconditionalRolesMax = 200

export const listPermissions = operation({
  name: 'permissions.list',
  summary: 'List every permission of this product, and how it can be narrowed',
  http: 'GET /permissions',
  output: z.object({ items: z.array(PermissionFacts).max(500) }),
  permission: 'role:read',

  async run(ctx) {
    const { permissions, resources } = ctx.port(catalogue)
    const byName = Map.groupBy(permissions, nameOf)
    const items = [...byName]
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([permission, roles]) => {
        const [{ resource, action }] = roles as [SystemPermission]
        const lineage = lineageOf(resources, resource)
        const hasTeams = lineage.some((name) => resources.get(name)?.team !== undefined)
        return {
          permission,
          resource,
          action,
          roles: roles.map(({ role }) => role),
          attributes: Object.keys(resources.get(resource)?.attributes ?? {}),
          scopes: [
            'tenant' as const,
            ...(hasTeams ? ['team' as const] : []),
            ...(lineage.length > 0 ? ['record' as const] : []),
          ],
        }
      })
    return { items }
  },
})

export const listRoles = list({
  name: 'roles.list',
  version: 2,
  summary: 'List the roles of this organisation with what they permit',
  http: 'GET /roles',
  item: Role,
  sort: ['createdAt', 'name'],
  permission: 'role:read',
  run: (ctx, page) => store.listRoles(ctx, page),
})

/** As it was released first. A text cannot say under which condition something is permitted, so that is left out. */
export const listUnconditionalRoles = operation({
  name: 'roles.list',
  deprecated: { since: '2026-11-22', sunset: '2027-05-22', replacedBy: 'roles.list.v2' },
  summary: 'List the first roles of this organisation with what they permit always',
  description:
    'What a role permits under a condition is left out, and so is the role guest, which came later. The second version has both, and every role page by page.',
  http: 'GET /roles',
  output: z.object({ items: z.array(UnconditionalRole).max(unconditionalRolesMax) }),
  permission: 'role:read',
  run: async (ctx) => ({ items: await store.listUnconditionalRoles(ctx, unconditionalRolesMax) }),
})

export const readRole = operation({
  name: 'roles.read',
  summary: 'Read a role',
  http: 'GET /roles/{id}',
  input: { id: id() },
  output: Role,
  permission: 'role:read',
  errors: [notFound],
  run: async (ctx, input) => (await store.findRole(ctx, input.id)) ?? ctx.fail(notFound),
})

const permissionsField = z.array(GivenPermission).max(500).describe('The last of those with the same name counts.')

export const createRole = operation({
  name: 'roles.create',
  summary: 'Create a role of your own',
  description: 'It may permit what you hold yourself, in the whole organisation and without a condition, and no more.',
  http: 'POST /roles',
  input: { name: RoleTitle, description: RoleDescription.default(''), permissions: permissionsField },
  output: Role,
  permission: 'role:create',
  errors: [notHeld, roleNameTaken, unknownPermission, badCondition],
  emits: [roleCreated],

  async run(ctx, { name, description, permissions }) {
    requireUsable(ctx, permissions)
    const roleId = (await store.insertRole(ctx, { name, description })) ?? ctx.fail(roleNameTaken, nameField)
    await store.replacePermissions(ctx, roleId, permissions)
    const role = await store.readRole(ctx, roleId)
    ctx.record(roleCreated, { after: role })
    return role
  },
})

export const updateRole = operation({
  name: 'roles.update',
  summary: 'Change a role of your own',
  description: 'Whoever has it may do more, or less, within a second.',
  http: 'PATCH /roles/{id}',
  input: {
    id: id(),
    name: RoleTitle.optional(),
    description: RoleDescription.optional(),
    permissions: permissionsField.optional(),
  },
  output: Role,
  permission: 'role:update',
  errors: [notFound, systemRole, notHeld, roleNameTaken, unknownPermission, badCondition],
  ifMatch: 'required',
  emits: [roleUpdated],

  async run(ctx, { id: roleId, ...changes }) {
    const before = (await store.lockRole(ctx, roleId)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    if (before.system !== null) ctx.fail(systemRole)
    const { name, description } = { ...before, ...changes }
    // Who may not give it may not decide what it is either. What no module declares any more, nobody can hold.
    const known = declaredIn(ctx)
    requireHeld(
      ctx,
      before.permissions.map(({ permission }) => permission).filter((each) => known.has(each)),
    )
    requireUsable(ctx, changes.permissions ?? [])
    if (!(await store.updateRole(ctx, roleId, { name, description }))) ctx.fail(roleNameTaken, nameField)
    if (changes.permissions) await store.replacePermissions(ctx, roleId, changes.permissions)
    const after = await store.readRole(ctx, roleId)
    ctx.record(roleUpdated, { before, after })
    return after
  },
})

export const deleteRole = operation({
  name: 'roles.delete',
  summary: 'Delete a role of your own that nobody has',
  http: 'DELETE /roles/{id}',
  input: { id: id() },
  permission: 'role:delete',
  errors: [notFound, systemRole, roleInUse],
  emits: [roleDeleted],

  async run(ctx, { id: roleId }) {
    const before = (await store.lockRole(ctx, roleId)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    if (before.system !== null) ctx.fail(systemRole)
    if (before.assigned > 0) ctx.fail(roleInUse)
    await store.deleteRole(ctx, roleId)
    ctx.record(roleDeleted, { before })
  },
})

const nameField = { errors: [{ pointer: '#/name', code: 'taken', detail: 'There is a role with this name already.' }] }

/** Nobody grants more than they hold, and what is granted must exist. */
function requireUsable(ctx: Ctx, permissions: readonly RolePermission[]): void {
  const { resources } = ctx.port(catalogue)
  const known = declaredIn(ctx)
  for (const [index, { permission, condition }] of permissions.entries()) {
    const pointer = `#/permissions/${index}`
    if (!known.has(permission)) failUnknown(ctx, permission, `${pointer}/permission`)
    const [resource = ''] = permission.split(':')
    const fault = condition && faultIn(condition, new Set(Object.keys(resources.get(resource)?.attributes ?? {})))
    if (fault)
      ctx.fail(badCondition, {
        errors: [{ pointer: `${pointer}/condition${fault.pointer}`, code: 'invalid', detail: fault.detail }],
      })
  }
  requireHeld(
    ctx,
    permissions.map(({ permission }) => permission),
  )
}

/** Fails with `role.unknown_permission` unless a module of this product declares it. */
export function requireDeclared(ctx: Ctx, permission: string, pointer: string): void {
  if (!declaredIn(ctx).has(permission)) failUnknown(ctx, permission, pointer)
}

function failUnknown(ctx: Ctx, permission: string, pointer: string): never {
  const detail = `There is no permission ${permission}.`
  return ctx.fail(unknownPermission, { detail, errors: [{ pointer, code: 'unknown', detail }] })
}

/** The names of all permissions that there are. */
function declaredIn(ctx: Ctx): ReadonlySet<string> {
  return new Set(ctx.port(catalogue).permissions.map(nameOf))
}

/** Fails with `role.not_held` and what is missing. */
export function requireHeld(ctx: Ctx, permissions: readonly string[]): void {
  const missing = permissions.filter((permission) => !ctx.permissions.has(permission))
  if (missing.length > 0) ctx.fail(notHeld, { detail: `You do not hold ${[...new Set(missing)].join(', ')}.` })
}

function nameOf({ resource, action }: Pick<SystemPermission, 'resource' | 'action'>): string {
  return `${resource}:${action}`
}
