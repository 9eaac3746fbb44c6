-- target: tenant
drop table team_members;
drop table teams;
drop index role_assignments_by_scope;
alter table role_assignments no force row level security;
alter table role_permissions no force row level security;
alter table roles no force row level security;
delete from role_assignments a using roles r where r.tenant_id = a.tenant_id and r.id = a.role_id
  and (a.scope_kind <> 'tenant' or r.system is null or r.system = 'guest');
delete from roles where system is null or system = 'guest';
alter table roles force row level security;
alter table role_permissions force row level security;
alter table role_assignments force row level security;
alter table role_assignments
  drop constraint role_assignments_once,
  add constraint role_assignments_tenant_id_principal_id_role_id_key unique (tenant_id, principal_id, role_id),
  drop constraint role_assignments_scope_check,
  drop column assigned_by,
  drop column expires_at,
  drop column scope_id,
  drop column scope_resource,
  drop column scope_kind;
revoke update, delete on role_permissions from tenantry_workers;
alter table role_permissions drop column condition;
revoke update, delete on roles from tenantry_workers;
alter table roles
  drop constraint roles_system_check,
  add constraint roles_system_check check (system in ('owner', 'admin', 'member', 'viewer')),
  drop column version,
  drop column updated_at,
  drop column created_at,
  drop column description;
