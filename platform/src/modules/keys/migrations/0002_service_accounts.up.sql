-- target: tenant
-- Actors of a tenant that are no people. What they may do are assignments, as for a member; they act by keys of their own.

create table service_accounts (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 60),
  description text not null check (length(description) <= 500),
  -- Since when its keys are refused; null: they work.
  disabled_at timestamptz(3),
  created_by uuid not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  version int not null default 1,
  primary key (tenant_id, id),
  unique (tenant_id, name)
);
select tenancy.protect_tenant_table('service_accounts', 'select, insert, update, delete');

alter table api_keys
  -- Null: a key of its own, which may do what its scopes say.
  add column service_account_id uuid,
  -- A key of a service account may do what that may. Scopes, if there are any, narrow it.
  drop constraint api_keys_scopes_check,
  add constraint api_keys_scopes_check check (
    cardinality(scopes) <= 200 and (service_account_id is not null or cardinality(scopes) > 0)) not valid,
  add constraint api_keys_of_account foreign key (tenant_id, service_account_id) references service_accounts (tenant_id, id)
    on delete cascade not valid;
