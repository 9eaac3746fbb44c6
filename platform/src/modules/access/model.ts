import type { Module, SystemRole } from '#kernel/module'
import { id, z } from '#kernel/schema'

export const systemRoles = ['owner', 'admin', 'member', 'viewer'] as const satisfies readonly SystemRole[]

export const RoleName = z.enum(systemRoles)

export const Role = z.object({
  id: id(),
  name: z.string(),
  system: RoleName.nullable(),
  permissions: z.array(z.string().max(101)).max(500),
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
