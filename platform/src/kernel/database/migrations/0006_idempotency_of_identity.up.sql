-- target: control
-- Signing up, in and the like are operations, too.
alter policy tenant_named on idempotency_keys to tenantry_control, tenantry_identity;
alter policy tenant_verified on idempotency_keys to tenantry_control, tenantry_identity;
grant select, insert, update, delete on idempotency_keys to tenantry_identity;
