-- target: control, tenant
-- What makes a change of the record visible that was made beside the platform: batches of events, each sealed with a digest
-- over its events and the batch before, and signed by the application.

-- Fields that differ between before and after; null for what was created or deleted.
alter table audit_events add column changed text[];

-- Events that no seal holds yet. A table of its own, so that nobody who writes waits for who seals.
create table audit_unsealed (
  tenant_id uuid not null,
  event_id uuid not null,
  primary key (tenant_id, event_id)
);
select tenancy.protect_tenant_table('audit_unsealed', 'select, insert, delete');
-- The relay's role says whose events wait; it sees ids only.
create policy relay_looks on audit_unsealed as permissive for select to tenantry_relay using (true);
grant select on audit_unsealed to tenantry_relay;

create table audit_seals (
  tenant_id uuid not null,
  number bigint not null check (number >= 1),
  -- In the order in which the digest covers them.
  event_ids uuid[] not null check (cardinality(event_ids) between 1 and 1000),
  -- Whether nothing was left over that could be seen.
  complete boolean not null,
  digest bytea not null check (length(digest) = 32),
  -- Ed25519 over the digest.
  signature bytea not null check (length(signature) = 64),
  sealed_at timestamptz(3) not null,
  primary key (tenant_id, number)
);
create trigger append_only before update or delete on audit_seals
  for each row execute function tenancy.refuse_change();
create trigger never_truncated before truncate on audit_seals
  for each statement execute function tenancy.refuse_change();
select tenancy.protect_tenant_table('audit_seals', 'select, insert');

-- Digests and signatures of the seals in the tenant's other database: cell and control database vouch for each other.
create table audit_heads (
  tenant_id uuid not null,
  number bigint not null check (number >= 1),
  digest bytea not null check (length(digest) = 32),
  signature bytea not null check (length(signature) = 64),
  primary key (tenant_id, number)
);
create trigger append_only before update or delete on audit_heads
  for each row execute function tenancy.refuse_change();
create trigger never_truncated before truncate on audit_heads
  for each statement execute function tenancy.refuse_change();
select tenancy.protect_tenant_table('audit_heads', 'select, insert');

create trigger left_unsealed after insert on audit_events
  for each row execute function tenancy.leave_unsealed();
