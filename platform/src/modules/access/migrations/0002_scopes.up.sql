-- target: tenant
-- Roles of a tenant's own, conditions on what a role permits, and roles that reach only a team's records or a single one.

alter table roles
  drop constraint roles_system_check,
  add constraint roles_system_check check (system in ('owner', 'admin', 'member', 'viewer', 'guest')),
  add column description text not null default '' check (length(description) <= 500),
  add column created_at timestamptz(3) not null default now(),
  add column updated_at timestamptz(3) not null default now(),
  add column version int not null default 1;
grant update, delete on roles to tenantry_workers;

-- Clauses that must hold; null: none. See kernel/access/condition.ts.
alter table role_permissions add column condition jsonb check (length(condition::text) <= 4000);
grant update, delete on role_permissions to tenantry_workers;

alter table role_assignments
  add column scope_kind text not null default 'tenant' check (scope_kind in ('tenant', 'team', 'record')),
  -- The kind of record; only for those of one record.
  add column scope_resource text check (length(scope_resource) <= 50),
  -- The team or the record.
  add column scope_id uuid,
  add column expires_at timestamptz(3),
  -- The account that gave it; null: the platform, as when a tenant is founded.
  add column assigned_by uuid,
  add constraint role_assignments_scope_check check (
    (scope_kind = 'tenant') = (scope_id is null) and (scope_kind = 'record') = (scope_resource is not null)),
  drop constraint role_assignments_tenant_id_principal_id_role_id_key,
  add constraint role_assignments_once unique nulls not distinct
    (tenant_id, principal_id, role_id, scope_kind, scope_resource, scope_id);
create index role_assignments_by_scope on role_assignments (tenant_id, scope_id) where scope_id is not null;

create table teams (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 60),
  description text not null check (length(description) <= 500),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  version int not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select tenancy.protect_tenant_table('teams', 'select, insert, update, delete');

create table team_members (
  tenant_id uuid not null,
  team_id uuid not null,
  principal_id uuid not null,
  -- Leads may change who is in the team.
  is_lead boolean not null,
  added_at timestamptz(3) not null,
  primary key (tenant_id, team_id, principal_id),
  foreign key (tenant_id, team_id) references teams (tenant_id, id) on delete cascade
);
create index team_members_by_principal on team_members (tenant_id, principal_id);
select tenancy.protect_tenant_table('team_members', 'select, insert, update, delete');
