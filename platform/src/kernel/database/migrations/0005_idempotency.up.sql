-- target: control, tenant
-- Which Idempotency-Key was used for what, and what was answered.

create table idempotency_keys (
  tenant_id uuid not null,
  principal_id uuid not null,
  operation text not null check (length(operation) <= 100),
  -- HMAC-SHA-256 of the key.
  key_digest bytea not null check (length(key_digest) = 32),
  -- HMAC-SHA-256 of the input, under a key that follows from the Idempotency-Key: the input may hold a password.
  fingerprint bytea not null check (length(fingerprint) = 32),
  -- Sealed under a key that follows from the Idempotency-Key; null only inside the transaction that makes it.
  reply bytea,
  created_at timestamptz(3) not null,
  primary key (tenant_id, principal_id, operation, key_digest)
);
create index idempotency_keys_by_age on idempotency_keys (tenant_id, created_at);
select tenancy.protect_tenant_table('idempotency_keys', 'select, insert, update, delete');
