import type { Ctx } from '#kernel/context'
import { pageSql } from '#kernel/database/page'
import { type Sql, sql } from '#kernel/database/statement'
import type { SystemRole } from '#kernel/module'
import type { Page } from '#kernel/operation'
import type { RolePermission, UnconditionalRole } from './model.ts'
import { looksLike } from './name-store.ts'

export interface RoleRecord {
  id: string
  name: string
  description: string
  system: SystemRole | null
  permissions: RolePermission[]
  assigned: number
  createdAt: string
  updatedAt: string
  version: number
}

const columns = sql`r.id, r.name, r.description, r.system, r.created_at, r.updated_at, r.version,
  (select count(*)::int from role_assignments a where a.tenant_id = r.tenant_id and a.role_id = r.id) as assigned,
  coalesce((select json_agg(json_build_object('permission', p.resource || ':' || p.action, 'condition', p.condition)
    order by p.resource, p.action) from role_permissions p where p.tenant_id = r.tenant_id and p.role_id = r.id), '[]') as permissions`

export async function listRoles(ctx: Ctx, page: Page): Promise<RoleRecord[]> {
  return ctx.db.all(
    sql`select ${columns} from roles r where tenant_id = ${ctx.tenant.id} ${pageSql(page, { name: 'name', createdAt: 'created_at' })}`,
  )
}

/** The oldest roles, without the guest's, and what they permit without a condition. */
export async function listUnconditionalRoles(ctx: Ctx, limit: number): Promise<UnconditionalRole[]> {
  return ctx.db.all(sql`select id, name, system, array(select p.resource || ':' || p.action from role_permissions p
      where p.tenant_id = r.tenant_id and p.role_id = r.id and p.condition is null order by 1) as permissions
    from roles r where tenant_id = ${ctx.tenant.id} and system is distinct from 'guest' order by created_at, id limit ${limit}`)
}

export async function findRole(ctx: Ctx, id: string): Promise<RoleRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from roles r where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}

/** One that this transaction has written. */
export async function readRole(ctx: Ctx, id: string): Promise<RoleRecord> {
  return (await findRole(ctx, id)) as RoleRecord
}

/** Held until the commit. */
export async function lockRole(ctx: Ctx, id: string): Promise<RoleRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from roles r where tenant_id = ${ctx.tenant.id} and id = ${id} for update`)
}

/** Undefined when the name is taken, or looks like another one. */
export async function insertRole(
  ctx: Ctx,
  { name, description }: { name: string; description: string },
): Promise<string | undefined> {
  const row = await ctx.db.first<{
    id: string
  }>(sql`insert into roles (tenant_id, id, name, description, created_at, updated_at)
    select ${ctx.tenant.id}, ${ctx.newId()}, ${name}, ${description}, ${ctx.now}, ${ctx.now}
    where not exists (select from roles o where o.tenant_id = ${ctx.tenant.id} and ${looksLike(sql`o.name`, name)})
    on conflict (tenant_id, name) do nothing returning id`)
  return row?.id
}

/** False when another role has the name, or one that looks like it. */
export async function updateRole(
  ctx: Ctx,
  id: string,
  { name, description }: { name: string; description: string },
): Promise<boolean> {
  const changed =
    await ctx.db.change(sql`update roles set name = ${name}, description = ${description}, version = version + 1,
      updated_at = ${ctx.now} where tenant_id = ${ctx.tenant.id} and id = ${id}
      and not exists (select from roles o where o.tenant_id = ${ctx.tenant.id} and ${looksLike(sql`o.name`, name)} and o.id <> ${id})`)
  return changed === 1
}

/** Puts these in place of what the role permits. */
export async function replacePermissions(ctx: Ctx, roleId: string, given: readonly RolePermission[]): Promise<void> {
  const permissions = [...new Map(given.map((each) => [each.permission, each])).values()]
  await ctx.db.change(sql`delete from role_permissions where tenant_id = ${ctx.tenant.id} and role_id = ${roleId}`)
  const part = (index: 0 | 1) => permissions.map(({ permission }) => permission.split(':')[index])
  const conditions: Sql = sql`${permissions.map(({ condition }) => (condition ? JSON.stringify(condition) : null))}::jsonb[]`
  await ctx.db.change(sql`insert into role_permissions (tenant_id, role_id, resource, action, condition)
    select ${ctx.tenant.id}, ${roleId}, * from unnest(${part(0)}::text[], ${part(1)}::text[], ${conditions})`)
}

export async function deleteRole(ctx: Ctx, id: string): Promise<void> {
  await ctx.db.change(sql`delete from roles where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}
