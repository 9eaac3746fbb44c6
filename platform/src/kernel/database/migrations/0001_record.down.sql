-- target: control, tenant
drop table inbox;
drop table outbox;
drop table audit_values;
drop table audit_events;
