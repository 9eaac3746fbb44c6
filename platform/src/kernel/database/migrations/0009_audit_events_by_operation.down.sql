-- target: control, tenant
-- transaction: none
drop index concurrently if exists audit_events_by_operation;
