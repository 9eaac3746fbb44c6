-- target: control
-- What each tenant did and took on each day, and for which operations the database worked. No row refers to the directory:
-- an operation that fails to found a tenant has cost time, too.

create table tenant_days (
  tenant_id uuid not null,
  -- In UTC.
  day date not null,
  -- What people and keys did, by the tenant's own audit log; null until somebody has looked.
  events bigint check (events >= 0),
  people bigint check (people >= 0),
  -- What lay in its place when it was last measured on that day.
  stored_rows bigint check (stored_rows >= 0),
  stored_bytes bigint check (stored_bytes >= 0),
  measured_at timestamptz(3),
  operations bigint not null default 0,
  database_ms numeric(15, 3) not null default 0,
  primary key (tenant_id, day)
);
create index tenant_days_by_day on tenant_days (day);
alter table tenant_days enable row level security, force row level security;
create policy control_keeps on tenant_days to tenantry_control using (true) with check (true);
grant select, insert, update, delete on tenant_days to tenantry_control;

create table operation_days (
  tenant_id uuid not null,
  day date not null,
  operation text not null check (length(operation) <= 100),
  operations bigint not null,
  database_ms numeric(15, 3) not null,
  primary key (tenant_id, day, operation)
);
create index operation_days_by_day on operation_days (day);
alter table operation_days enable row level security, force row level security;
create policy control_keeps on operation_days to tenantry_control using (true) with check (true);
grant select, insert, update, delete on operation_days to tenantry_control;
