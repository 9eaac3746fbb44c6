-- target: control
revoke insert on audit_events, audit_values, outbox, inbox from tenantry_identity;
alter policy tenant_named on audit_events to tenantry_control;
alter policy tenant_verified on audit_events to tenantry_control;
alter policy tenant_named on audit_values to tenantry_control;
alter policy tenant_verified on audit_values to tenantry_control;
alter policy tenant_named on outbox to tenantry_control;
alter policy tenant_verified on outbox to tenantry_control;
alter policy tenant_named on inbox to tenantry_control;
alter policy tenant_verified on inbox to tenantry_control;
