-- target: control, tenant
alter table outbox drop column on_behalf_of;
alter table audit_events drop column on_behalf_of;
