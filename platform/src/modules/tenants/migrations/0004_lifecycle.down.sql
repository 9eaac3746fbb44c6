-- target: control
-- What the release before does not know is closed to it: read-only and cancelled tenants become suspended, purged ones go.

drop index tenants_to_purge, tenants_by_name, tenants_by_creation;
alter table tenants
  drop constraint tenants_state_check,
  drop constraint tenants_cancelled_check,
  drop constraint tenants_slug_present_check,
  drop constraint tenants_erased_check;
-- Under forced row security the owner sees no row to change.
alter table tenants no force row level security;
delete from tenants where state = 'purged';
update tenants set state = 'suspended' where state in ('read_only', 'cancelled');
alter table tenants force row level security;
alter table tenants
  alter column slug set not null,
  add constraint tenants_state_check check (state in ('provisioning', 'active', 'suspended')),
  drop column erased_at,
  drop column purge_after,
  drop column state_before,
  drop column state_reason,
  drop column state_since;
