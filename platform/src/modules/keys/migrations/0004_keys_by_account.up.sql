-- target: tenant
-- transaction: none
create index concurrently if not exists api_keys_by_account on api_keys (tenant_id, service_account_id);
