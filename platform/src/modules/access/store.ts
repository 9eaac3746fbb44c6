import type { Ctx } from '#kernel/context'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import { newId } from '#kernel/id'
import type { SystemRole } from '#kernel/module'
import type { SystemPermission } from './model.ts'

/** A principal's permissions, or undefined when it has no role here: it is then no member. */
export async function permissionsOf(
  db: Session,
  tenantId: string,
  principalId: string,
): Promise<ReadonlySet<string> | undefined> {
  const rows = await db.all<{ permission: string | null }>(sql`
    select p.resource || ':' || p.action as permission from role_assignments a
    left join role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.role_id
    where a.tenant_id = ${tenantId} and a.principal_id = ${principalId}`)
  if (rows.length === 0) return undefined
  return new Set(rows.flatMap((row) => row.permission ?? []))
}

export async function listRoles(
  ctx: Ctx,
): Promise<{ id: string; name: string; system: SystemRole | null; permissions: string[] }[]> {
  return ctx.db.all(sql`
    select r.id, r.name, r.system, coalesce(array_agg(p.resource || ':' || p.action order by p.resource, p.action)
      filter (where p.resource is not null), '{}') as permissions
    from roles r left join role_permissions p on p.tenant_id = r.tenant_id and p.role_id = r.id
    where r.tenant_id = ${ctx.tenant.id} group by r.tenant_id, r.id order by r.name`)
}

/** Writes the system roles of a new tenant. Writing them again changes nothing. */
export async function insertSystemRoles(
  ctx: Ctx,
  permissions: readonly SystemPermission[],
  roles: readonly SystemRole[],
): Promise<void> {
  const ids = roles.map(() => newId())
  await ctx.db.change(sql`insert into roles (tenant_id, id, name, system)
    select ${ctx.tenant.id}, id, system, system from unnest(${ids}::uuid[], ${roles}::text[]) as role (id, system) on conflict do nothing`)
  await ctx.db.change(sql`insert into role_permissions (tenant_id, role_id, resource, action)
    select r.tenant_id, r.id, p.resource, p.action
    from unnest(${permissions.map((each) => each.role)}::text[], ${permissions.map((each) => each.resource)}::text[],
      ${permissions.map((each) => each.action)}::text[]) as p (role, resource, action)
    join roles r on r.tenant_id = ${ctx.tenant.id} and r.system = p.role on conflict do nothing`)
}

/** Gives a principal one system role in place of those it has. */
export async function assignRole(ctx: Ctx, principalId: string, role: SystemRole): Promise<void> {
  await ctx.db.change(
    sql`delete from role_assignments where tenant_id = ${ctx.tenant.id} and principal_id = ${principalId}`,
  )
  await ctx.db.change(sql`insert into role_assignments (tenant_id, id, role_id, principal_id, created_at)
    select r.tenant_id, ${ctx.newId()}, r.id, ${principalId}, ${ctx.now} from roles r
    where r.tenant_id = ${ctx.tenant.id} and r.system = ${role}`)
}

/** Takes every role from a principal, and with them its membership. */
export async function withdrawRoles(ctx: Ctx, principalId: string): Promise<void> {
  await ctx.db.change(
    sql`delete from role_assignments where tenant_id = ${ctx.tenant.id} and principal_id = ${principalId}`,
  )
}

/** The permissions of a system role here; for "nobody grants more than they hold". */
export async function permissionsOfRole(ctx: Ctx, role: SystemRole): Promise<string[]> {
  const rows = await ctx.db.all<{ permission: string }>(sql`
    select p.resource || ':' || p.action as permission from roles r
    join role_permissions p on p.tenant_id = r.tenant_id and p.role_id = r.id
    where r.tenant_id = ${ctx.tenant.id} and r.system = ${role}`)
  return rows.map((row) => row.permission)
}
