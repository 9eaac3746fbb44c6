-- target: control
-- Where each schema and database of the installation stands, as the last run of migrations saw it.

create table fleet_targets (
  name text primary key check (length(name) <= 200),
  kind text not null check (kind in ('control', 'tenant')),
  -- Whose alone it is; null for what everybody stands on.
  tenant_id uuid,
  state text not null check (state in ('current', 'behind', 'running', 'failed')),
  -- Migrations applied; null when nobody could look.
  level int check (level >= 0),
  wanted int not null check (wanted >= 0),
  error text check (length(error) <= 2000),
  -- Failed in a row.
  attempts int not null default 0,
  changed_at timestamptz(3) not null,
  seen_at timestamptz(3) not null
);
alter table fleet_targets enable row level security, force row level security;
create policy control_keeps on fleet_targets to tenantry_control using (true) with check (true);
grant select, insert, update, delete on fleet_targets to tenantry_control;

-- While its one row is there, no tenant is migrated.
create table fleet_hold (
  single boolean primary key default true check (single),
  reason text not null check (length(reason) <= 500),
  since timestamptz(3) not null
);
alter table fleet_hold enable row level security, force row level security;
create policy control_keeps on fleet_hold to tenantry_control using (true) with check (true);
grant select, insert, update, delete on fleet_hold to tenantry_control;
