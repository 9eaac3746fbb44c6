-- target: control
-- Who runs the platform. They are people with an account; which tenants they belong to has nothing to do with it. Kept
-- where accounts are: no role that works for tenants can read or change it.

create table identity.staff (
  user_id uuid primary key references identity.users (id) on delete cascade,
  -- As it was when they were appointed, for whoever reads the list.
  email text not null check (length(email) between 3 and 254),
  since timestamptz(3) not null,
  -- The account of who appointed them; the command line is the system's.
  appointed_by uuid not null,
  reason text not null check (length(reason) between 1 and 500)
);
grant select, insert, delete on identity.staff to tenantry_identity;
