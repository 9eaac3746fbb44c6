-- target: control
-- What a tenant asks of its people's sessions. In the directory, because whoever looks up where a tenant is needs it at
-- the same moment, and before anything of the tenant is read.

alter table tenants
  add column mfa_required boolean not null default false,
  add column idle_timeout_minutes int,
  add column session_max_hours int;

drop function find_tenant(text);
create function find_tenant(reference text)
returns table (id uuid, slug text, name text, state text, cell text, model text, placement_version int, silo_credential text,
  region text, plan text, mfa_required boolean, idle_timeout_minutes int, session_max_hours int)
language sql stable security definer set search_path = control, pg_temp
begin atomic
  select t.id, t.slug, t.name, t.state, t.cell, t.model, t.placement_version, t.silo_credential, t.region, t.plan,
    t.mfa_required, t.idle_timeout_minutes, t.session_max_hours
  from tenants t
  where case when reference ~ '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then t.id = reference::uuid
    else t.slug = reference end;
end;
revoke execute on function find_tenant(text) from public;
grant execute on function find_tenant(text) to tenantry_serving;
