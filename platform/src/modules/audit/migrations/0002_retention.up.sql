-- target: control
-- How long the audit log of an organisation is kept; without a row for ever.

create table audit_retention (
  tenant_id uuid primary key,
  -- Null: for ever, again.
  days int check (days between 90 and 3650),
  version int not null default 1,
  changed_at timestamptz(3) not null
);
alter table audit_retention enable row level security, force row level security;
create policy control_keeps on audit_retention to tenantry_control using (true) with check (true);
grant select, insert, update, delete on audit_retention to tenantry_control;
