-- target: control, tenant
-- The relay's role sees how far the chains of all tenants are, so that one look says whose stream has something to deliver.
create policy relay_looks on audit_seals as permissive for select to tenantry_relay using (true);
grant select (tenant_id, number) on audit_seals to tenantry_relay;
create policy relay_looks on audit_heads as permissive for select to tenantry_relay using (true);
grant select (tenant_id, number) on audit_heads to tenantry_relay;
