-- target: tenant
-- transaction: none
drop index concurrently if exists api_keys_by_account;
