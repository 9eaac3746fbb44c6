-- target: control, tenant
drop table idempotency_keys;
