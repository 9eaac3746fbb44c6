-- target: tenant

create table members (
  tenant_id uuid not null,
  id uuid not null,
  -- The person's account. Accounts live in the control database, so this is no foreign key.
  user_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  email text not null check (length(email) between 3 and 254),
  joined_at timestamptz(3) not null,
  version int not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, user_id)
);
create index members_by_name on members (tenant_id, name, id);
create index members_by_joining on members (tenant_id, joined_at, id);
select tenancy.protect_tenant_table('members', 'select, insert, update, delete');

create table invitations (
  tenant_id uuid not null,
  id uuid not null,
  email text not null check (length(email) between 3 and 254),
  role text not null check (length(role) <= 40),
  invited_by uuid not null,
  -- sha256 of the token; the token itself is only in the mail.
  token_digest text not null check (length(token_digest) = 64),
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  accepted_at timestamptz(3),
  revoked_at timestamptz(3),
  version int not null default 1,
  primary key (tenant_id, id)
);
create unique index invitations_open_once on invitations (tenant_id, email) where accepted_at is null and revoked_at is null;
create index invitations_by_time on invitations (tenant_id, created_at, id);
select tenancy.protect_tenant_table('invitations', 'select, insert, update');
