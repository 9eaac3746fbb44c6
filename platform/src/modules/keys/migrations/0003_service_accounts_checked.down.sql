-- target: tenant
alter table api_keys
  drop constraint api_keys_scopes_check,
  drop constraint api_keys_of_account,
  add constraint api_keys_scopes_check check (
    cardinality(scopes) <= 200 and (service_account_id is not null or cardinality(scopes) > 0)) not valid,
  add constraint api_keys_of_account foreign key (tenant_id, service_account_id) references service_accounts (tenant_id, id)
    on delete cascade not valid;
