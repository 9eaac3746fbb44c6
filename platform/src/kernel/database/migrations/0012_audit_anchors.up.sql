-- target: control, tenant
-- What a tenant's retention has removed from the beginning of a chain: the last seal that went, and how many events went with
-- it and before it, signed by the application. What is left of the chain hangs on this.

create table audit_anchors (
  tenant_id uuid not null,
  -- Of the last seal that was removed, and its digest.
  number bigint not null check (number >= 1),
  digest bytea not null check (length(digest) = 32),
  events bigint not null check (events >= 1),
  removed_at timestamptz(3) not null,
  -- Ed25519 over all of it.
  signature bytea not null check (length(signature) = 64),
  primary key (tenant_id, number)
);
create trigger append_only before update or delete on audit_anchors
  for each row execute function tenancy.refuse_change();
create trigger never_truncated before truncate on audit_anchors
  for each statement execute function tenancy.refuse_change();
-- Written by whoever removes, who works as the owner.
select tenancy.protect_tenant_table('audit_anchors', 'select');
