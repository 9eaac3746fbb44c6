-- target: control
-- Passkeys (WebAuthn Level 2). Each lets its person in by itself, and counts as the second factor beside a password.

create table identity.passkeys (
  id uuid primary key,
  user_id uuid not null references identity.users (id) on delete cascade,
  -- base64url of what the authenticator made up, at most 1,023 bytes.
  credential_id text not null unique check (length(credential_id) between 1 and 1400),
  -- base64url of the COSE key.
  public_key text not null check (length(public_key) between 1 and 4000),
  -- How often the authenticator says that it has signed; 0 always, where it does not count.
  counter bigint not null check (counter >= 0),
  transports text[] not null,
  name text not null check (length(name) between 1 and 60),
  created_at timestamptz(3) not null,
  last_used_at timestamptz(3)
);
create index passkeys_of_user on identity.passkeys (user_id, created_at);

-- Challenges that were answered, until they would have expired: none is answered twice.
create table identity.used_challenges (
  -- Hex of the sha256 of the challenge.
  challenge_hash text primary key check (challenge_hash ~ '^[0-9a-f]{64}$'),
  expires_at timestamptz(3) not null
);
create index used_challenges_by_expiry on identity.used_challenges (expires_at);

revoke all on identity.passkeys, identity.used_challenges from public;
grant select, insert, update, delete on identity.passkeys, identity.used_challenges to tenantry_identity;
