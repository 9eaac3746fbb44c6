-- target: control, tenant
-- The record of what happened, written in the same transaction as what happened.

create table audit_events (
  tenant_id uuid not null,
  id uuid not null,
  at timestamptz(3) not null,
  event text not null check (length(event) <= 100),
  operation text not null check (length(operation) <= 100),
  via text not null check (length(via) <= 20),
  actor_kind text not null check (length(actor_kind) <= 20),
  actor_id uuid not null,
  resource_kind text not null check (length(resource_kind) <= 50),
  resource_id uuid not null,
  request_id text not null check (length(request_id) <= 128),
  -- sha256 of the row of audit_values: the events can be chained and still stand after a person's values are erased.
  values_digest bytea not null check (length(values_digest) = 32),
  primary key (tenant_id, id)
);
create index audit_events_by_time on audit_events (tenant_id, at, id);
create index audit_events_by_resource on audit_events (tenant_id, resource_id, at);
create index audit_events_by_actor on audit_events (tenant_id, actor_id, at);
create trigger append_only before update or delete on audit_events
  for each row execute function tenancy.refuse_change();
create trigger never_truncated before truncate on audit_events
  for each statement execute function tenancy.refuse_change();
select tenancy.protect_tenant_table('audit_events', 'select, insert');

-- What can name a person: kept apart from the events, so that it can be erased without touching them.
create table audit_values (
  tenant_id uuid not null,
  event_id uuid not null,
  salt bytea not null check (length(salt) = 16),
  actor_name text check (length(actor_name) <= 320),
  address text check (length(address) <= 45),
  before json,
  after json,
  primary key (tenant_id, event_id),
  foreign key (tenant_id, event_id) references audit_events (tenant_id, id)
);
select tenancy.protect_tenant_table('audit_values', 'select, insert');

create table outbox (
  tenant_id uuid not null,
  id uuid not null,
  kind text not null check (kind in ('event', 'job')),
  name text not null check (length(name) <= 100),
  payload jsonb not null,
  actor_kind text not null check (length(actor_kind) <= 20),
  actor_id uuid not null,
  request_id text not null check (length(request_id) <= 128),
  created_at timestamptz(3) not null,
  available_at timestamptz(3) not null,
  attempts int not null default 0,
  last_error text check (length(last_error) <= 2000),
  -- Set once every handler has done its work, or once the platform gave up on it.
  done_at timestamptz(3),
  failed_at timestamptz(3),
  primary key (tenant_id, id)
);
create index outbox_waiting on outbox (available_at, id) where done_at is null and failed_at is null;
select tenancy.protect_tenant_table('outbox', 'insert');
create policy relay_carries on outbox as permissive for all to tenantry_relay using (true) with check (true);
grant select, update on outbox to tenantry_relay;

-- Which message a consumer has already worked on: a second delivery finds its row and changes nothing.
create table inbox (
  tenant_id uuid not null,
  consumer text not null check (length(consumer) <= 100),
  message_id uuid not null,
  done_at timestamptz(3) not null,
  primary key (tenant_id, consumer, message_id)
);
select tenancy.protect_tenant_table('inbox', 'select, insert');
