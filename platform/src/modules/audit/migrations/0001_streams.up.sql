-- target: control
-- Where audit logs are streamed to, and how far each stream has come. Here and not in the cells, so that what is due for all
-- tenants is found by one look, beside the heads of their chains.

create table audit_streams (
  -- The nil tenant stands for the platform's own log.
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 100),
  url text not null check (length(url) <= 2000),
  format text not null check (format in ('jsonl', 'cloudevents')),
  -- Sealed by the application, bound to the stream: here it is only kept.
  secret text not null check (length(secret) <= 400),
  state text not null check (state in ('active', 'paused')),
  -- Of each of the two chains: the last seal that was delivered whole, and how many events of the next one were.
  cell_seal bigint not null default 0,
  cell_events int not null default 0,
  control_seal bigint not null default 0,
  control_events int not null default 0,
  -- Who delivers at the moment, and until when nobody else does.
  lease uuid,
  leased_until timestamptz(3),
  due_at timestamptz(3) not null default now(),
  -- In a row, since the last success.
  failures int not null default 0,
  last_error text check (length(last_error) <= 1000),
  attempted_at timestamptz(3),
  delivered_at timestamptz(3),
  test_asked_at timestamptz(3),
  tested_at timestamptz(3),
  -- Null once tested: it arrived.
  test_error text check (length(test_error) <= 1000),
  created_at timestamptz(3) not null,
  version int not null default 1,
  primary key (tenant_id, id)
);
create index audit_streams_by_due on audit_streams (due_at);
alter table audit_streams enable row level security, force row level security;
create policy control_keeps on audit_streams to tenantry_control using (true) with check (true);
grant select, insert, update, delete on audit_streams to tenantry_control;
-- The relay's role says whose stream is due. Where it leads, and its secret, are none of its business.
create policy relay_looks on audit_streams as permissive for select to tenantry_relay using (true);
grant select (tenant_id, id, state, cell_seal, control_seal, leased_until, due_at, failures, test_asked_at)
  on audit_streams to tenantry_relay;
