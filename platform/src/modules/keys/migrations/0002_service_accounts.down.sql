-- target: tenant
alter table api_keys no force row level security;
delete from api_keys where service_account_id is not null;
alter table api_keys force row level security;
alter table api_keys
  drop constraint api_keys_of_account,
  drop constraint api_keys_scopes_check,
  add constraint api_keys_scopes_check check (cardinality(scopes) between 1 and 200),
  drop column service_account_id;
drop table service_accounts;
