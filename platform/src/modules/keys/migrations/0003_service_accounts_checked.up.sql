-- target: tenant
alter table api_keys no force row level security;
alter table service_accounts no force row level security;
alter table api_keys validate constraint api_keys_scopes_check;
alter table api_keys validate constraint api_keys_of_account;
alter table service_accounts force row level security;
alter table api_keys force row level security;
