import type { Condition } from '#kernel/access/condition'
import type { Ctx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import { type Sql, sql } from '#kernel/database/statement'
import type { SystemRole } from '#kernel/module'
import type { Page } from '#kernel/operation'

export interface ReviewRow {
  id: string
  kind: 'person' | 'serviceAccount' | 'key'
  principalId: string
  name: string
  email: string | null
  roleName: string | null
  roleSystem: SystemRole | null
  permissions: string[]
  conditions: { permission: string; condition: Condition }[]
  scopeKind: 'tenant' | 'team' | 'record'
  scopeResource: string | null
  scopeId: string | null
  serviceAccountId: string | null
  since: string
  givenBy: string | null
  givenByName: string | null
  expiresAt: string | null
  lastUsedAt: string | null
}

export async function reviewPage(ctx: Ctx, page: Page, kind: ReviewRow['kind'] | undefined): Promise<ReviewRow[]> {
  const conditions = filterSql([kind !== undefined && sql`kind = ${kind}`])
  return ctx.db.all(sql`${entries(ctx)} ${conditions} ${pageSql(page, { since: 'since', name: 'name' })}`)
}

/** At most so many of them behind the one with this id, in the order of their ids. */
export async function reviewPart(ctx: Ctx, afterId: string | undefined, atMost: number): Promise<ReviewRow[]> {
  const after = filterSql([afterId !== undefined && sql`id > ${afterId}`])
  return ctx.db.all(sql`${entries(ctx)} ${after} order by id limit ${atMost}`)
}

/** Every assignment and every key that is not revoked; ended ones, too, for they can be cleared away. */
function entries(ctx: Ctx): Sql {
  const tenantId = ctx.tenant.id
  return sql`select e.*, coalesce(
      (select m.name from members m where m.tenant_id = ${tenantId} and m.user_id = e.given_by),
      (select s.name from service_accounts s where s.tenant_id = ${tenantId} and s.id = e.given_by)) as given_by_name
    from (${assigned(tenantId)} union all ${keys(tenantId)}) e where true`
}

function assigned(tenantId: string): Sql {
  const permissions = sql`from role_permissions p where p.tenant_id = a.tenant_id and p.role_id = a.role_id`
  return sql`select a.id, case when s.id is null then 'person' else 'serviceAccount' end as kind, a.principal_id,
      coalesce(m.name, s.name, '') as name, m.email, r.name as role_name, r.system as role_system,
      array(select p.resource || ':' || p.action ${permissions} order by 1) as permissions,
      coalesce((select json_agg(json_build_object('permission', p.resource || ':' || p.action, 'condition', p.condition))
        ${permissions} and p.condition is not null), '[]') as conditions,
      a.scope_kind, a.scope_resource, a.scope_id, null::uuid as service_account_id, a.created_at as since,
      a.assigned_by as given_by, a.expires_at,
      case when s.id is null then m.last_active_at else
        (select max(k.last_used_at) from api_keys k where k.tenant_id = a.tenant_id and k.service_account_id = s.id)
      end as last_used_at
    from role_assignments a join roles r on r.tenant_id = a.tenant_id and r.id = a.role_id
    left join members m on m.tenant_id = a.tenant_id and m.user_id = a.principal_id
    left join service_accounts s on s.tenant_id = a.tenant_id and s.id = a.principal_id
    where a.tenant_id = ${tenantId}`
}

function keys(tenantId: string): Sql {
  return sql`select k.id, 'key' as kind, k.id as principal_id, k.name, null as email, null as role_name, null as role_system, k.scopes as permissions,
      '[]'::json as conditions, 'tenant' as scope_kind, null as scope_resource, null::uuid as scope_id, k.service_account_id,
      k.created_at as since, k.created_by as given_by, k.expires_at, k.last_used_at
    from api_keys k where k.tenant_id = ${tenantId} and k.revoked_at is null`
}
