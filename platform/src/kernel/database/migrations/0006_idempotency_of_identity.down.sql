-- target: control
revoke select, insert, update, delete on idempotency_keys from tenantry_identity;
alter policy tenant_named on idempotency_keys to tenantry_control;
alter policy tenant_verified on idempotency_keys to tenantry_control;
