import { Access, type Assignment, type Scope } from '#kernel/access/access'
import type { Resources } from '#kernel/access/resource'
import type { Ctx } from '#kernel/context'
import type { Session } from '#kernel/database/session'
import { raw, type Sql, sql } from '#kernel/database/statement'
import { newId } from '#kernel/id'
import type { SystemRole } from '#kernel/module'
import type { SystemPermission } from './model.ts'

/** The roles of a principal of this tenant, ended ones included. */
export function assignmentsIn(ctx: Ctx, principalId: string): Promise<Assignment[]> {
  return assignmentsOf(ctx.db, { tenantId: ctx.tenant.id, principalId })
}

export interface AssignmentRow {
  assignmentId: string
  roleId: string
  roleName: string
  scopeKind: 'tenant' | 'team' | 'record'
  scopeResource: string | null
  scopeId: string | null
  expiresAt: string | null
  permissions: Assignment['permissions']
}

/** What a principal may do, or undefined when it has no role here: it is then no member. In one query, ended roles left out. */
export async function accessOf(
  db: Session,
  { tenantId, principalId }: { tenantId: string; principalId: string },
  resources: Resources,
): Promise<Access | undefined> {
  const assignments = await assignmentsOf(db, { tenantId, principalId })
  return assignments.length === 0 ? undefined : new Access(assignments, resources)
}

/** A principal's roles with what they permit, ended ones included: who has only these is still a member. */
async function assignmentsOf(
  db: Session,
  { tenantId, principalId }: { tenantId: string; principalId: string },
): Promise<Assignment[]> {
  const rows = await db.all<AssignmentRow>(sql`select ${assignmentColumns} from ${assignmentTables}
    where a.tenant_id = ${tenantId} and a.principal_id = ${principalId} order by a.id`)
  return rows.map(assignmentOf)
}

/** Columns of assignments `a` and their roles `r`, for a store of another module to join them to its principals. */
export const assignmentColumns: Sql = sql`a.id as assignment_id, a.role_id, r.name as role_name, a.scope_kind, a.scope_resource,
  a.scope_id, a.expires_at, coalesce((select json_agg(json_build_object('permission', p.resource || ':' || p.action,
    'condition', p.condition)) from role_permissions p where p.tenant_id = a.tenant_id and p.role_id = a.role_id), '[]') as permissions`
export const assignmentTables: Sql = sql`role_assignments a join roles r on r.tenant_id = a.tenant_id and r.id = a.role_id`

export function assignmentOf(row: AssignmentRow): Assignment {
  const { assignmentId, roleId, roleName, expiresAt, permissions } = row
  return { id: assignmentId, role: { id: roleId, name: roleName }, scope: scopeOf(row), expiresAt, permissions }
}

function scopeOf({
  scopeKind,
  scopeResource,
  scopeId,
}: Pick<AssignmentRow, 'scopeKind' | 'scopeResource' | 'scopeId'>): Scope {
  if (scopeKind === 'team') return { kind: 'team', id: scopeId ?? '' }
  if (scopeKind === 'record') return { kind: 'record', resource: scopeResource ?? '', id: scopeId ?? '' }
  return { kind: 'tenant' }
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

/** Gives a principal one system role for the whole organisation, in place of the one it has. Its other roles stay. */
export async function assignRole(
  ctx: Ctx,
  principalId: string,
  role: SystemRole,
  { givenBy = ctx.actor.kind === 'system' ? null : ctx.actor.id }: { givenBy?: string | null } = {},
): Promise<void> {
  await ctx.db.change(sql`delete from role_assignments a using roles r
    where a.tenant_id = ${ctx.tenant.id} and a.principal_id = ${principalId} and a.scope_kind = 'tenant'
      and r.tenant_id = a.tenant_id and r.id = a.role_id and r.system is not null`)
  await ctx.db.change(sql`insert into role_assignments (tenant_id, id, role_id, principal_id, assigned_by, created_at)
    select r.tenant_id, ${ctx.newId()}, r.id, ${principalId}, ${givenBy}, ${ctx.now}
    from roles r where r.tenant_id = ${ctx.tenant.id} and r.system = ${role}`)
}

/** Takes every role and team from a principal, and with them its membership. */
export async function withdrawRoles(ctx: Ctx, principalId: string): Promise<void> {
  for (const table of ['role_assignments', 'team_members'])
    await ctx.db.change(
      sql`delete from ${raw(table)} where tenant_id = ${ctx.tenant.id} and principal_id = ${principalId}`,
    )
}

/** Who may do something in the whole tenant and without a condition, by a role that has not ended. */
export async function holdersOf(ctx: Ctx, permission: string): Promise<string[]> {
  const rows = await ctx.db.all<{ principalId: string }>(sql`
    select distinct a.principal_id from role_assignments a
    join role_permissions p on p.tenant_id = a.tenant_id and p.role_id = a.role_id
    where a.tenant_id = ${ctx.tenant.id} and a.scope_kind = 'tenant' and (a.expires_at is null or a.expires_at > ${ctx.now})
      and p.resource || ':' || p.action = ${permission} and p.condition is null`)
  return rows.map(({ principalId }) => principalId)
}

/** The permissions of a system role here; for "nobody grants more than they hold". */
export async function permissionsOfRole(ctx: Ctx, role: SystemRole): Promise<string[]> {
  const rows = await ctx.db.all<{ permission: string }>(sql`
    select p.resource || ':' || p.action as permission from roles r
    join role_permissions p on p.tenant_id = r.tenant_id and p.role_id = r.id
    where r.tenant_id = ${ctx.tenant.id} and r.system = ${role}`)
  return rows.map((row) => row.permission)
}
