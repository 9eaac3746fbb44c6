-- target: tenant
-- Roles, what they permit, and who has them. System roles are rows like any other, named by `system`.

create table roles (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 60),
  system text check (system in ('owner', 'admin', 'member', 'viewer')),
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
create unique index roles_of_the_system on roles (tenant_id, system) where system is not null;
select tenancy.protect_tenant_table('roles', 'select, insert');

create table role_permissions (
  tenant_id uuid not null,
  role_id uuid not null,
  resource text not null check (length(resource) <= 50),
  action text not null check (length(action) <= 50),
  primary key (tenant_id, role_id, resource, action),
  foreign key (tenant_id, role_id) references roles (tenant_id, id) on delete cascade
);
select tenancy.protect_tenant_table('role_permissions', 'select, insert');

create table role_assignments (
  tenant_id uuid not null,
  id uuid not null,
  role_id uuid not null,
  -- The account of a person who is a member here.
  principal_id uuid not null,
  created_at timestamptz(3) not null,
  primary key (tenant_id, id),
  unique (tenant_id, principal_id, role_id),
  foreign key (tenant_id, role_id) references roles (tenant_id, id)
);
create index role_assignments_by_role on role_assignments (tenant_id, role_id);
select tenancy.protect_tenant_table('role_assignments', 'select, insert, update, delete');

-- `migrate up` brings the system roles of every tenant up to date with the modules' manifests, as the owner.
create policy manifest_updates on roles to tenantry_owner using (system is not null);
create policy manifest_updates on role_permissions to tenantry_owner using (true) with check (true);
