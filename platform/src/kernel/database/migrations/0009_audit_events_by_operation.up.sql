-- target: control, tenant
-- transaction: none
create index concurrently if not exists audit_events_by_operation on audit_events (tenant_id, operation, at);
