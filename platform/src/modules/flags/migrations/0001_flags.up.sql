-- target: control
-- What staff have said of the flags that modules declare. A flag without a line is as it was declared.

create table flags (
  id uuid primary key,
  key text not null unique check (length(key) <= 80),
  -- `rules`: by what stands beside it and in flag_tenants.
  state text not null default 'rules' check (state in ('rules', 'on', 'off')),
  roles text[] not null default '{}' check (cardinality(roles) <= 10),
  plans text[] not null default '{}' check (cardinality(plans) <= 50),
  percentage int check (percentage between 0 and 100),
  starts_at timestamptz(3),
  ends_at timestamptz(3),
  reason text check (length(reason) between 1 and 500),
  changed_at timestamptz(3),
  -- The name of who changed it last, here or for one tenant; null for the command line.
  changed_by text check (length(changed_by) <= 320),
  -- Goes up with every change, in flag_tenants too. Lines are never deleted: by the sum processes see that something changed.
  version int not null default 1,
  check (ends_at > starts_at)
);
alter table flags enable row level security, force row level security;
create policy control_keeps on flags to tenantry_control using (true) with check (true);
grant select, insert, update on flags to tenantry_control;

-- Tenants that have a flag on or off, whatever its other rules are.
create table flag_tenants (
  flag_id uuid not null references flags (id),
  tenant_id uuid not null,
  is_on boolean not null,
  primary key (flag_id, tenant_id)
);
alter table flag_tenants enable row level security, force row level security;
create policy control_keeps on flag_tenants to tenantry_control using (true) with check (true);
grant select, insert, update, delete on flag_tenants to tenantry_control;
create index flag_tenants_by_tenant on flag_tenants (tenant_id);
