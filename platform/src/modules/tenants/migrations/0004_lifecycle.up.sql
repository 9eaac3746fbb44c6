-- target: control
-- Where a tenant is in its life, since when and why.

alter table tenants
  drop constraint tenants_state_check,
  alter column slug drop not null,
  add column state_since timestamptz(3) not null default now(),
  add column state_reason text check (length(state_reason) between 1 and 500),
  -- While it is cancelled: the state that restoring leads back to, and when its grace period ends.
  add column state_before text check (state_before in ('active', 'read_only', 'suspended')),
  add column purge_after timestamptz(3),
  -- Once it is purged: when its last row was deleted.
  add column erased_at timestamptz(3),
  add constraint tenants_state_check
    check (state in ('provisioning', 'active', 'read_only', 'suspended', 'cancelled', 'purged')),
  add constraint tenants_cancelled_check
    check ((state = 'cancelled') = (purge_after is not null) and (state = 'cancelled') = (state_before is not null)),
  -- The address of a purged tenant is free for others.
  add constraint tenants_slug_present_check check ((slug is null) = (state = 'purged')),
  add constraint tenants_erased_check check (erased_at is null or state = 'purged');
-- Under forced row security the owner sees no row to change.
alter table tenants no force row level security;
update tenants set state_since = updated_at;
alter table tenants force row level security;

create index tenants_by_creation on tenants (created_at, id);
create index tenants_by_name on tenants (name, id);
create index tenants_to_purge on tenants (purge_after) where state = 'cancelled';
