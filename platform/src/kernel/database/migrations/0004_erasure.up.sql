-- target: control, tenant
-- Who purges a tenant does so as the owner of its tables, and must see its rows. Tables made from now on begin so; these
-- are the ones that were there before.

do $$
declare
  protected record;
begin
  for protected in select c.relname
    from pg_depend d join pg_class c on c.oid = d.objid join pg_policy p on p.polrelid = c.oid
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = current_schema()::text::regnamespace
      and d.classid = 'pg_class'::regclass and p.polname = 'tenant_named'
      and not exists (select from pg_policy e where e.polrelid = c.oid and e.polname = 'tenant_erased')
  loop
    execute format('create policy tenant_erased on %I as permissive for all to tenantry_owner
      using (tenant_id = (select tenancy.named_tenant())) with check (tenant_id = (select tenancy.named_tenant()))',
      protected.relname);
  end loop;
end
$$;
