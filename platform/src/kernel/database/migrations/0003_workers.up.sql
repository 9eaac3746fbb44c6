-- target: tenant
-- Policies and grants on tenants' tables name a group, so that the login role of a silo can hold the same rights and still
-- reach no database but its own. Tables made from now on begin so; these are the ones that were there before.

do $$
declare
  policy record;
  privilege record;
begin
  for policy in select tablename, policyname from pg_policies
    where schemaname = current_schema() and roles = '{tenantry_serving}'
  loop
    execute format('alter policy %I on %I to tenantry_workers', policy.policyname, policy.tablename);
  end loop;
  for privilege in select table_name, privilege_type from information_schema.role_table_grants
    where table_schema = current_schema() and grantee = 'tenantry_serving'
  loop
    execute format('grant %s on %I to tenantry_workers', privilege.privilege_type, privilege.table_name);
    execute format('revoke %s on %I from tenantry_serving', privilege.privilege_type, privilege.table_name);
  end loop;
end
$$;
