-- target: control
-- Accounts and sessions. Better Auth writes users, accounts, sessions and verifications through its adapter; see
-- better-auth-adapter.ts for how its names become these. Nobody but tenantry_identity may touch any of it.

create table identity.users (
  id uuid primary key,
  -- Normalised by normalisedEmail(): NFC, lower case, no blanks.
  email text not null unique check (length(email) between 3 and 254),
  email_verified boolean not null default false,
  name text not null check (length(name) between 1 and 100),
  locale text not null check (length(locale) between 2 and 16),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
);

-- One way to prove who one is: `credential` with a password, or the issuer's URL with its subject.
create table identity.accounts (
  id uuid primary key,
  user_id uuid not null references identity.users (id) on delete cascade,
  provider_id text not null check (length(provider_id) between 1 and 300),
  account_id text not null check (length(account_id) between 1 and 255),
  password text check (length(password) <= 200),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  unique (provider_id, account_id),
  unique (user_id, provider_id)
);

create table identity.sessions (
  id uuid primary key,
  user_id uuid not null references identity.users (id) on delete cascade,
  -- Hex of the sha256 of the token in the cookie.
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  address inet,
  user_agent text check (length(user_agent) <= 300),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);
create index sessions_of_user on identity.sessions (user_id, updated_at);
create index sessions_by_expiry on identity.sessions (expires_at);

-- Single-use tokens that were mailed. `identifier` is base64url of the sha256 of `<purpose>:<token>`, `value` the user's id.
create table identity.verifications (
  id uuid primary key,
  identifier text not null unique check (length(identifier) between 1 and 100),
  value text not null check (length(value) between 1 and 100),
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);
create index verifications_of_user on identity.verifications (value);
create index verifications_by_expiry on identity.verifications (expires_at);

-- Attempts counted by rate-limiter-flexible, which fixes names, types and order of these columns.
-- `expire` is in Unix milliseconds; keys hold hashes, never addresses.
create table identity.throttles (
  key text primary key check (length(key) <= 255),
  points integer not null default 0,
  expire bigint
);
create index throttles_by_expiry on identity.throttles (expire);

revoke all on all tables in schema identity from public;
grant select, insert, update, delete on identity.users, identity.accounts, identity.sessions, identity.verifications,
  identity.throttles to tenantry_identity;
