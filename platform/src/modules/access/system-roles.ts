import type pg from 'pg'
import { type SystemPermission, systemRoles } from './model.ts'

/**
 * Brings the system roles of every tenant in one schema up to date with the manifests, in three statements for all of
 * them: what a new release permits an administrator, it permits the administrators of existing tenants too. Runs as
 * tenantry_owner within the migrator's transaction; `search_path` names the schema. Returns how many rows changed.
 */
export async function updateSystemRoles(
  client: pg.ClientBase,
  permissions: readonly SystemPermission[],
): Promise<number> {
  const columns = [
    permissions.map((each) => each.role),
    permissions.map((each) => each.resource),
    permissions.map((each) => each.action),
  ]
  const { rowCount: added } = await client.query(
    `insert into roles (tenant_id, id, name, system)
     select t.tenant_id, uuidv7(), s.system, s.system
     from (select distinct tenant_id from roles where system = 'owner') t cross join unnest($1::text[]) as s (system)
     where not exists (select from roles r where r.tenant_id = t.tenant_id and r.system = s.system) on conflict do nothing`,
    [systemRoles],
  )
  const { rowCount: removed } = await client.query(
    `delete from role_permissions p using roles r
     where r.tenant_id = p.tenant_id and r.id = p.role_id and r.system is not null
       and (r.system, p.resource, p.action) not in (select * from unnest($1::text[], $2::text[], $3::text[]))`,
    columns,
  )
  const { rowCount: permitted } = await client.query(
    `insert into role_permissions (tenant_id, role_id, resource, action)
     select r.tenant_id, r.id, p.resource, p.action
     from unnest($1::text[], $2::text[], $3::text[]) as p (role, resource, action) join roles r on r.system = p.role
     on conflict do nothing`,
    columns,
  )
  return (added ?? 0) + (removed ?? 0) + (permitted ?? 0)
}
