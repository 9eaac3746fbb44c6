-- target: control
-- What somebody proves beside the password, and what a session knows of how its person came in.

alter table identity.sessions
  -- When it was last used in an organisation that limits idle time, and when its person last proved a password or a
  -- second factor. Null: not since it began.
  add column seen_at timestamptz(3),
  add column proved_at timestamptz(3),
  add column second_factor boolean not null default false;

-- An authenticator app (RFC 6238), one for each person.
create table identity.authenticators (
  user_id uuid primary key references identity.users (id) on delete cascade,
  -- Sealed by the application, bound to the person: here it is only kept.
  secret text not null check (length(secret) <= 200),
  -- Null until a first code has shown that the app has the secret; nothing is asked of it before.
  confirmed_at timestamptz(3),
  -- The time step of the latest code that was accepted: no code of it, or of one before, is accepted again.
  last_step bigint not null default 0,
  created_at timestamptz(3) not null
);

-- A code that was used is gone.
create table identity.recovery_codes (
  -- Hex of the sha256 of the code, which has 120 random bits.
  code_hash text primary key check (code_hash ~ '^[0-9a-f]{64}$'),
  user_id uuid not null references identity.users (id) on delete cascade
);
create index recovery_codes_of_user on identity.recovery_codes (user_id);

-- Whoever has proved a password and owes the second factor. Not among the sessions: it is none, whoever looks.
create table identity.pending_sign_ins (
  -- Hex of the sha256 of the token in the cookie.
  token_hash text primary key check (token_hash ~ '^[0-9a-f]{64}$'),
  user_id uuid not null references identity.users (id) on delete cascade,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null
);
create index pending_sign_ins_of_user on identity.pending_sign_ins (user_id);
create index pending_sign_ins_by_expiry on identity.pending_sign_ins (expires_at);

revoke all on identity.authenticators, identity.recovery_codes, identity.pending_sign_ins from public;
grant select, insert, update, delete on identity.authenticators, identity.recovery_codes, identity.pending_sign_ins
  to tenantry_identity;
