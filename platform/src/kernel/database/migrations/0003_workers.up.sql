-- target: tenant
-- Policies and grants on tenants' tables name a group, so that the login role of a silo can hold the same rights and still
-- reach no database but its own. Tables made from now on begin so; these are the ones that were there before. They are found
-- by what depends on the schema: the views of pg_policies and information_schema read all schemas, of which there may be 1,000.

do $$
declare
  policy record;
  privilege record;
begin
  for policy in select c.relname, p.polname
    from pg_depend d join pg_class c on c.oid = d.objid join pg_policy p on p.polrelid = c.oid
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = current_schema()::text::regnamespace
      and d.classid = 'pg_class'::regclass and p.polroles = array['tenantry_serving'::regrole]::oid[]
  loop
    execute format('alter policy %I on %I to tenantry_workers', policy.polname, policy.relname);
  end loop;
  for privilege in select c.relname, a.privilege_type
    from pg_depend d join pg_class c on c.oid = d.objid cross join aclexplode(c.relacl) a
    where d.refclassid = 'pg_namespace'::regclass and d.refobjid = current_schema()::text::regnamespace
      and d.classid = 'pg_class'::regclass and a.grantee = 'tenantry_serving'::regrole
  loop
    execute format('grant %s on %I to tenantry_workers', privilege.privilege_type, privilege.relname);
    execute format('revoke %s on %I from tenantry_serving', privilege.privilege_type, privilege.relname);
  end loop;
end
$$;
