-- target: control, tenant
revoke select (tenant_id, number) on audit_heads from tenantry_relay;
drop policy relay_looks on audit_heads;
revoke select (tenant_id, number) on audit_seals from tenantry_relay;
drop policy relay_looks on audit_seals;
