-- target: control, tenant
-- Who purges a tenant does so as the owner of its tables, and must see its rows. Tables made from now on begin so; these
-- are the ones that were there before.

do $$
declare
  protected record;
begin
  for protected in select tablename from pg_policies p where schemaname = current_schema() and policyname = 'tenant_named'
    and not exists (select from pg_policies e
      where e.schemaname = p.schemaname and e.tablename = p.tablename and e.policyname = 'tenant_erased')
  loop
    execute format('create policy tenant_erased on %I as permissive for all to tenantry_owner
      using (tenant_id = (select tenancy.named_tenant())) with check (tenant_id = (select tenancy.named_tenant()))',
      protected.tablename);
  end loop;
end
$$;
