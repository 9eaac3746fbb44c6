-- target: control, tenant
drop trigger left_unsealed on audit_events;
drop table audit_heads;
drop table audit_seals;
drop table audit_unsealed;
alter table audit_events drop column changed;
