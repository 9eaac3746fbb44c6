-- target: control, tenant
-- As which member of the tenant one of the staff acts, in a support session; null for everybody else.
alter table audit_events add column on_behalf_of uuid;
alter table outbox add column on_behalf_of uuid;
