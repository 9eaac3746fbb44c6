-- target: control
-- How far batched migrations are: changes of data that tenants get one after the other, in the background.

create table fleet_batches (
  module text not null check (length(module) <= 60),
  number int not null,
  name text not null check (length(name) <= 100),
  -- sha256 of the file, in hex: one that was changed begins again.
  checksum text not null check (length(checksum) = 64),
  started_at timestamptz(3) not null,
  finished_at timestamptz(3),
  tenants_done int not null default 0,
  rows_changed bigint not null default 0,
  primary key (module, number)
);
alter table fleet_batches enable row level security, force row level security;
create policy control_keeps on fleet_batches to tenantry_control using (true) with check (true);
grant select, insert, update, delete on fleet_batches to tenantry_control;

-- Tenants that are done or have failed; only while the migration is unfinished.
create table fleet_batch_tenants (
  module text not null,
  number int not null,
  tenant_id uuid not null,
  -- Null when it is done.
  error text check (length(error) <= 2000),
  -- Failed so often.
  attempts int not null default 0,
  changed_at timestamptz(3) not null,
  primary key (module, number, tenant_id),
  foreign key (module, number) references fleet_batches (module, number) on delete cascade
);
alter table fleet_batch_tenants enable row level security, force row level security;
create policy control_keeps on fleet_batch_tenants to tenantry_control using (true) with check (true);
grant select, insert, update, delete on fleet_batch_tenants to tenantry_control;
