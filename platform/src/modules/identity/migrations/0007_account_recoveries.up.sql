-- target: control
-- Whoever has lost every second factor asks by mail to go on without; it happens after a time in which the owner can object.

create table identity.account_recoveries (
  user_id uuid primary key references identity.users (id) on delete cascade,
  -- Hex of the sha256 of the mailed token: to begin, and once it has begun to cancel.
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  requested_at timestamptz(3) not null,
  -- When the second factors go. Null: the link to begin has not been opened.
  due_at timestamptz(3)
);
create index account_recoveries_by_due on identity.account_recoveries (due_at);

revoke all on identity.account_recoveries from public;
grant select, insert, update, delete on identity.account_recoveries to tenantry_identity;
