import type { Ctx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import { sql } from '#kernel/database/statement'
import type { SystemRole } from '#kernel/module'
import type { Page } from '#kernel/operation'
import type { Scope } from './model.ts'

export interface AssignmentRecord {
  id: string
  principalId: string
  roleId: string
  roleName: string
  scopeKind: 'tenant' | 'team' | 'record'
  scopeResource: string | null
  scopeId: string | null
  expiresAt: string | null
  assignedBy: string | null
  createdAt: string
}

const columns = sql`a.id, a.principal_id, a.role_id, r.name as role_name, a.scope_kind, a.scope_resource, a.scope_id, a.expires_at,
  a.assigned_by, a.created_at`
const tables = sql`role_assignments a join roles r on r.tenant_id = a.tenant_id and r.id = a.role_id`

export interface AssignmentFilter {
  readonly principalId?: string | undefined
  readonly roleId?: string | undefined
  readonly scopeId?: string | undefined
}

export async function listAssignments(ctx: Ctx, page: Page, filter: AssignmentFilter): Promise<AssignmentRecord[]> {
  const conditions = filterSql([
    filter.principalId !== undefined && sql`a.principal_id = ${filter.principalId}`,
    filter.roleId !== undefined && sql`a.role_id = ${filter.roleId}`,
    filter.scopeId !== undefined && sql`a.scope_id = ${filter.scopeId}`,
  ])
  return ctx.db.all(sql`select * from (select a.tenant_id, ${columns} from ${tables} where a.tenant_id = ${ctx.tenant.id} ${conditions}) x
    where true ${pageSql(page, { createdAt: 'created_at' })}`)
}

/** Held until the commit, with whether its role is one of the system's. */
export async function lockAssignment(
  ctx: Ctx,
  id: string,
): Promise<(AssignmentRecord & { system: SystemRole | null }) | undefined> {
  return ctx.db.first(
    sql`select ${columns}, r.system from ${tables} where a.tenant_id = ${ctx.tenant.id} and a.id = ${id} for update of a`,
  )
}

/** Undefined when the principal has the role there already. */
export async function insertAssignment(
  ctx: Ctx,
  {
    principalId,
    roleId,
    scope,
    expiresAt,
  }: { principalId: string; roleId: string; scope: Scope; expiresAt: string | null },
): Promise<AssignmentRecord | undefined> {
  const resource = scope.kind === 'record' ? scope.resource : null
  const scopeId = scope.kind === 'tenant' ? null : scope.id
  return ctx.db.first(sql`with a as (
      insert into role_assignments (tenant_id, id, principal_id, role_id, scope_kind, scope_resource, scope_id, expires_at, assigned_by, created_at)
      values (${ctx.tenant.id}, ${ctx.newId()}, ${principalId}, ${roleId}, ${scope.kind}, ${resource}, ${scopeId}, ${expiresAt}, ${ctx.actor.id}, ${ctx.now})
      on conflict do nothing returning *)
    select ${columns} from a join roles r on r.tenant_id = a.tenant_id and r.id = a.role_id`)
}

export async function deleteAssignment(ctx: Ctx, id: string): Promise<void> {
  await ctx.db.change(sql`delete from role_assignments where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}

/** Those that reach one team or record: it is gone, and what was given for it means nothing any more. */
export async function deleteAssignmentsOn(ctx: Ctx, scopeId: string, principalId?: string): Promise<number> {
  const whose = filterSql([principalId !== undefined && sql`principal_id = ${principalId}`])
  return ctx.db.change(
    sql`delete from role_assignments where tenant_id = ${ctx.tenant.id} and scope_id = ${scopeId} ${whose}`,
  )
}

/** Those for single records that are gone for good. */
export async function withdrawRolesOn(ctx: Ctx, resource: string, ids: readonly string[]): Promise<void> {
  await ctx.db.change(sql`delete from role_assignments where tenant_id = ${ctx.tenant.id}
    and scope_kind = 'record' and scope_resource = ${resource} and scope_id = any(${ids}::uuid[])`)
}
