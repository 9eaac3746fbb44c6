-- What every database of the platform has, whichever tenants live in it. Idempotent: `migrate up` runs it before the
-- numbered files whenever its text changed, as tenantry_verifier, who owns the schema and nothing else.

create table if not exists tenancy.signing_keys (
  id text primary key,
  secret bytea not null check (length(secret) >= 32),
  created_at timestamptz(3) not null default now()
);
revoke all on tenancy.signing_keys from public;

-- Which cell this database is part of, and in which region that is: one row, written once.
create table if not exists tenancy.home (
  single boolean primary key default true check (single),
  cell text not null,
  region text not null
);
revoke all on tenancy.home from public;

-- The tenant a statement *names*. Cheap and unverified: good for the permissive policy and for plans, never alone.
create or replace function tenancy.named_tenant() returns uuid
language sql stable parallel safe
return nullif(split_part(current_setting('app.context', true), '.', 2), '')::uuid;

-- The tenant of a context that was signed by the application, for a transaction that began before it expired.
-- Raises instead of answering null: a transaction whose context ran out half-way must not commit its first half.
-- No SET search_path, because that costs a tenth of the verification; every name and operator is qualified instead.
create or replace function tenancy.verified_tenant() returns uuid
language plpgsql stable security definer parallel safe
as $$
declare
  context text := pg_catalog.current_setting('app.context', true);
  secret pg_catalog.bytea;
begin
  if context is null or context operator(pg_catalog.=) '' then
    raise exception 'no tenant context' using errcode = 'TNC01';
  end if;
  -- key.tenant.actor.expiry.signature: 8, 36 and 36 characters, then the rest; the signature is the last 64.
  select k.secret into secret from tenancy.signing_keys k where k.id operator(pg_catalog.=) pg_catalog.left(context, 8);
  if secret is null or pg_catalog.right(context, 64) operator(pg_catalog.<>) pg_catalog.encode(pg_catalog.sha256(
    secret operator(pg_catalog.||) pg_catalog.convert_to(pg_catalog.left(context, -65), 'UTF8') operator(pg_catalog.||) secret), 'hex')
  then
    raise exception 'forged tenant context' using errcode = 'TNC02';
  end if;
  if pg_catalog.split_part(context, '.', 4)::pg_catalog.float8 operator(pg_catalog.<)
    (pg_catalog.date_part('epoch', pg_catalog.transaction_timestamp()) operator(pg_catalog.*) 1000)
  then
    raise exception 'expired tenant context' using errcode = 'TNC03';
  end if;
  return pg_catalog.substr(context, 10, 36)::pg_catalog.uuid;
end
$$;

-- Who acts in a verified context: for look-ups that belong to a person rather than to a tenant.
create or replace function tenancy.verified_actor() returns uuid
language plpgsql stable security definer parallel safe
as $$
begin
  perform tenancy.verified_tenant();
  return pg_catalog.split_part(pg_catalog.current_setting('app.context', true), '.', 3)::pg_catalog.uuid;
end
$$;

-- Makes a table one of kind `tenant`: row security forced, one permissive policy on the named tenant, one restrictive
-- on the verified one, and the stated privileges for the role that works here. Who purges a tenant does so as the owner,
-- who without `tenant_erased` would see nothing. Migrations call it, nobody else can.
create or replace function tenancy.protect_tenant_table(table_name text, privileges text) returns void
language plpgsql
as $$
declare
  worker text := case current_schema() when 'control' then 'tenantry_control' else 'tenantry_workers' end;
begin
  execute format('alter table %I enable row level security, force row level security', table_name);
  execute format('create policy tenant_named on %I as permissive for all to %I
    using (tenant_id = (select tenancy.named_tenant())) with check (tenant_id = (select tenancy.named_tenant()))',
    table_name, worker);
  execute format('create policy tenant_verified on %I as restrictive for all to %I
    using (tenant_id = (select tenancy.verified_tenant())) with check (tenant_id = (select tenancy.verified_tenant()))',
    table_name, worker);
  execute format('create policy tenant_erased on %I as permissive for all to tenantry_owner
    using (tenant_id = (select tenancy.named_tenant())) with check (tenant_id = (select tenancy.named_tenant()))',
    table_name);
  execute format('grant %s on %I to %I', privileges, table_name, worker);
  -- Until its first ANALYZE the planner takes a tenant's rows to be one or two, finds a row by whichever index begins with
  -- the tenant, and keeps that plan: the writes of a new installation went from 900 a second to 300 within a minute. So
  -- the planner is told at once that a tenant has many.
  perform pg_catalog.pg_restore_attribute_stats('schemaname', current_schema()::text, 'relname', table_name,
    'attname', 'tenant_id', 'inherited', false, 'n_distinct', 1::real);
end
$$;

-- Which bridge schemas may have a message waiting in their outbox, and how often each has said so. Rung in the commit that
-- leaves something to do; the relay takes the row away once that outbox is empty and nobody has rung since.
create table if not exists tenancy.bells (
  schema_name text primary key check (schema_name ~ '^t_[0-9a-f]{32}$'),
  rung bigint not null
);
revoke all on tenancy.bells from public;
grant select, delete on tenancy.bells to tenantry_relay;

create or replace function tenancy.ring(schema_name text) returns void
language sql volatile security definer
begin atomic
  insert into tenancy.bells (schema_name, rung) values (ring.schema_name, 1)
    on conflict (schema_name) do update set rung = bells.rung operator(pg_catalog.+) 1;
end;

-- For triggers of append-only tables: holds for the table's owner too, whom grants do not bind, except where it deletes what
-- a tenant's retention has outlived.
create or replace function tenancy.refuse_change() returns trigger
language plpgsql
as $$
begin
  if tg_op = 'DELETE' and current_user = 'tenantry_owner'
    and split_part(current_setting('app.context', true), '.', 1) = 'retention'
  then
    return old;
  end if;
  raise exception '% is append-only', tg_table_name using errcode = 'TNA01';
end
$$;

-- For the trigger that notes which audit events no seal holds yet: in the same schema, as whoever writes the event.
create or replace function tenancy.leave_unsealed() returns trigger
language plpgsql
as $$
begin
  insert into audit_unsealed (tenant_id, event_id) values (new.tenant_id, new.id);
  return null;
end
$$;

revoke all on all functions in schema tenancy from public;
grant execute on function tenancy.named_tenant(), tenancy.verified_tenant(), tenancy.verified_actor()
  to tenantry_workers, tenantry_control, tenantry_identity;
grant execute on function tenancy.named_tenant(), tenancy.protect_tenant_table(text, text), tenancy.refuse_change(),
  tenancy.leave_unsealed()
  to tenantry_owner;
grant execute on function tenancy.ring(text) to tenantry_workers;
