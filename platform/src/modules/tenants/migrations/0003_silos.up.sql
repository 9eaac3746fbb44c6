-- target: control
-- The password of a silo's login role, sealed by the application: here it is only kept.

alter table tenants add column silo_credential text check (length(silo_credential) <= 200);
alter table tenants add constraint tenants_silo_has_credential check (model <> 'silo' or silo_credential is not null);

drop function find_tenant(text);
create function find_tenant(reference text)
returns table (id uuid, slug text, name text, state text, cell text, model text, placement_version int, silo_credential text)
language sql stable security definer set search_path = control, pg_temp
begin atomic
  select t.id, t.slug, t.name, t.state, t.cell, t.model, t.placement_version, t.silo_credential from tenants t
  where case when reference ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then t.id = reference::uuid
    else t.slug = reference end;
end;
revoke execute on function find_tenant(text) from public;
grant execute on function find_tenant(text) to tenantry_serving;
