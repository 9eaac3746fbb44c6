-- target: control
drop function find_tenant(text);
create function find_tenant(reference text)
returns table (id uuid, slug text, name text, state text, cell text, model text, placement_version int, silo_credential text,
  region text, plan text)
language sql stable security definer set search_path = control, pg_temp
begin atomic
  select t.id, t.slug, t.name, t.state, t.cell, t.model, t.placement_version, t.silo_credential, t.region, t.plan
  from tenants t
  where case when reference ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then t.id = reference::uuid
    else t.slug = reference end;
end;
revoke execute on function find_tenant(text) from public;
grant execute on function find_tenant(text) to tenantry_serving;

alter table tenants drop column session_max_hours, drop column idle_timeout_minutes, drop column mfa_required;
