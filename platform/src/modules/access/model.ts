import { Condition } from '#kernel/access/condition'
import type { Module, SystemRole } from '#kernel/module'
import { id, instant, line, text, version, z } from '#kernel/schema'

/** Every member has one of these for the whole organisation. A guest may do what other roles give, and no more. */
export const systemRoles = ['owner', 'admin', 'member', 'viewer', 'guest'] as const satisfies readonly SystemRole[]

export const RoleName = z.enum(systemRoles)

export const PermissionName = z
  .string()
  .max(101)
  .regex(/^[a-zA-Z]+:[a-zA-Z]+$/)
  .describe('`resource:action`, as `/permissions` lists them.')

export const RolePermission = z.object({
  permission: PermissionName,
  condition: Condition.nullable().describe('All clauses must hold; null: always.'),
})
export type RolePermission = z.infer<typeof RolePermission>

/** As it is given: without a condition where none is named. */
export const GivenPermission = z.strictObject({
  permission: PermissionName,
  condition: Condition.nullable().default(null).describe('All clauses must hold; null or absent: always.'),
})

export const RoleTitle = line({ max: 60 })
export const RoleDescription = text({ max: 500 })

export const Role = z.object({
  id: id(),
  name: z.string().max(60),
  description: z.string().max(500),
  system: RoleName.nullable().describe('Which of the roles that every organisation has; null: one of your own.'),
  permissions: z.array(RolePermission).max(500),
  assigned: z.number().int().min(0).describe('How many assignments it has.'),
  createdAt: instant(),
  updatedAt: instant(),
  version: version(),
})

/** A role as callers of the first version know it. */
export const UnconditionalRole = z.object({
  id: id(),
  name: z.string().max(60),
  system: RoleName.exclude(['guest']).nullable(),
  permissions: z.array(z.string().max(101)).max(500),
})
export type UnconditionalRole = z.infer<typeof UnconditionalRole>

export const PermissionFacts = z.object({
  permission: PermissionName,
  resource: z.string().max(50),
  action: z.string().max(50),
  roles: z.array(RoleName).describe('The roles of the system that hold it.'),
  attributes: z.array(z.string().max(50)).max(50).describe('Attributes of its records that a condition may name.'),
  scopes: z.array(z.enum(['tenant', 'team', 'record'])).describe('How far an assignment of it may reach.'),
})

const ScopeKind = z.enum(['tenant', 'team', 'record'])

/** How far an assignment reaches, as it is given. */
export const Scope = z.union([
  z.strictObject({ kind: z.literal('tenant') }),
  z.strictObject({ kind: z.literal('team'), id: id() }),
  z.strictObject({ kind: z.literal('record'), resource: z.string().max(50), id: id() }),
])
export type Scope = z.infer<typeof Scope>

export const Assignment = z.object({
  id: id(),
  principalId: id().describe('The account of a member, or a service account.'),
  roleId: id(),
  roleName: z.string().max(60),
  scopeKind: ScopeKind,
  scopeResource: z.string().max(50).nullable(),
  scopeId: id().nullable(),
  expiresAt: instant().nullable(),
  assignedBy: id().nullable(),
  createdAt: instant(),
})

export const Team = z.object({
  id: id(),
  name: z.string().max(60),
  description: z.string().max(500),
  members: z.number().int().min(0),
  createdAt: instant(),
  updatedAt: instant(),
  version: version(),
})

export const TeamMember = z.object({
  principalId: id(),
  isLead: z.boolean(),
  addedAt: instant(),
})

/** One permission of one system role, as the modules' manifests declare them. */
export interface SystemPermission {
  readonly role: SystemRole
  readonly resource: string
  readonly action: string
}

/** What every system role permits, over all modules. Throws when two modules declare the same permission. */
export function systemPermissions(modules: readonly Module[]): SystemPermission[] {
  const seen = new Set<string>()
  return modules.flatMap((module) =>
    Object.entries(module.permissions).flatMap(([permission, roles]) => {
      if (seen.has(permission)) throw new Error(`${permission} is declared twice`)
      seen.add(permission)
      const [resource, action] = permission.split(':') as [string, string]
      return roles.map((role) => ({ role, resource, action }))
    }),
  )
}
