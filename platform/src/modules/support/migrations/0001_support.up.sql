-- target: control
-- When one of the staff acts in a tenant, and as which of its members. In the control database, because it must be known
-- before anything of the tenant is read.

create table support_sessions (
  id uuid primary key,
  tenant_id uuid not null references tenants (id),
  staff_id uuid not null,
  -- Names as they were, for whoever reads the list.
  staff_name text not null check (length(staff_name) <= 320),
  member_id uuid not null,
  member_name text not null check (length(member_name) <= 320),
  reason text not null check (length(reason) between 1 and 500),
  ticket text not null check (length(ticket) between 1 and 100),
  minutes int not null check (minutes between 5 and 60),
  asked_at timestamptz(3) not null,
  -- Null until the tenant has agreed, where it wants to be asked.
  opened_at timestamptz(3),
  ends_at timestamptz(3),
  may_write boolean not null default false,
  -- Why staff want to change something; the tenant has not agreed to it as long as may_write is false.
  raise_reason text check (length(raise_reason) between 1 and 500),
  -- Who of the tenant agreed last.
  approved_by uuid,
  ended_at timestamptz(3),
  ended_by text check (ended_by in ('staff', 'member')),
  check ((opened_at is null) = (ends_at is null)),
  check ((ended_at is null) = (ended_by is null)),
  check (ends_at <= opened_at + interval '1 hour')
);
create index support_sessions_of_tenant on support_sessions (tenant_id, asked_at, id);
create index support_sessions_by_time on support_sessions (asked_at, id);
alter table support_sessions enable row level security, force row level security;
create policy control_keeps on support_sessions to tenantry_control using (true) with check (true);
grant select, insert, update on support_sessions to tenantry_control;

-- What tenants say to support; who says nothing is asked each time.
create table support_policies (
  tenant_id uuid primary key references tenants (id),
  access text not null check (access in ('never', 'on_approval', 'always')),
  version int not null,
  updated_at timestamptz(3) not null
);
alter table support_policies enable row level security, force row level security;
create policy control_keeps on support_policies to tenantry_control using (true) with check (true);
grant select, insert, update on support_policies to tenantry_control;
