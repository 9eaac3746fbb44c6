-- target: tenant

create table api_keys (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  -- The first characters of the key, so that people can tell keys apart.
  prefix text not null check (length(prefix) <= 16),
  -- sha256 of the key, in hex: 256 random bits need no slow hash, and text comparison reaches the index.
  digest text not null check (length(digest) = 64),
  scopes text[] not null check (cardinality(scopes) between 1 and 200),
  created_by uuid not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3),
  revoked_at timestamptz(3),
  last_used_at timestamptz(3),
  version int not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, digest)
);
create index api_keys_by_time on api_keys (tenant_id, created_at, id);
select tenancy.protect_tenant_table('api_keys', 'select, insert, update');
