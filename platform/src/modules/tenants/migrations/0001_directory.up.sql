-- target: control
-- What must be known before a tenant's database is: which tenants there are, where they live, and whose they are.

create table tenants (
  id uuid primary key,
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) between 2 and 40),
  name text not null check (length(name) between 1 and 100),
  state text not null check (state in ('provisioning', 'active', 'suspended')),
  cell text not null,
  model text not null check (model in ('pool', 'bridge', 'silo')),
  -- Goes up with every move, so that a process with an older copy is told to look again.
  placement_version int not null default 1,
  version int not null default 1,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);
alter table tenants enable row level security, force row level security;
create policy control_keeps on tenants to tenantry_control using (true) with check (true);
grant select, insert, update on tenants to tenantry_control;

create table memberships (
  user_id uuid not null,
  tenant_id uuid not null references tenants (id) on delete cascade,
  primary key (user_id, tenant_id)
);
create index memberships_by_tenant on memberships (tenant_id);
alter table memberships enable row level security, force row level security;
create policy control_keeps on memberships to tenantry_control using (true) with check (true);
grant select, insert, delete on memberships to tenantry_control;

-- The directory's readers. They run as the owner, whom a policy of its own lets see what these functions select.
create policy look_ups on tenants for select to tenantry_owner using (true);

create function find_tenant(reference text)
returns table (id uuid, slug text, name text, state text, cell text, model text, placement_version int)
language sql stable security definer set search_path = control, pg_temp
begin atomic
  select t.id, t.slug, t.name, t.state, t.cell, t.model, t.placement_version from tenants t
  where case when reference ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then t.id = reference::uuid
    else t.slug = reference end;
end;
revoke execute on function find_tenant(text) from public;
grant execute on function find_tenant(text) to tenantry_serving;
