-- target: control
-- Changes of an account's address: asked for, confirmed by a link to the new one, and undone by a link to the old one.

create table identity.email_changes (
  id uuid primary key,
  user_id uuid not null references identity.users (id) on delete cascade,
  -- The session that asked: it goes on when the others end.
  session_id uuid not null,
  old_email text not null check (length(old_email) between 3 and 254),
  new_email text not null check (length(new_email) between 3 and 254),
  -- Hex of the sha256 of the mailed tokens; the second is made with the confirmation.
  confirm_hash text not null unique check (confirm_hash ~ '^[0-9a-f]{64}$'),
  undo_hash text unique check (undo_hash ~ '^[0-9a-f]{64}$'),
  requested_at timestamptz(3) not null,
  confirmed_at timestamptz(3),
  -- Of the link that is due: to confirm, then to undo.
  expires_at timestamptz(3) not null
);
create index email_changes_of_user on identity.email_changes (user_id, requested_at);
create index email_changes_by_expiry on identity.email_changes (expires_at);

revoke all on identity.email_changes from public;
grant select, insert, update, delete on identity.email_changes to tenantry_identity;
