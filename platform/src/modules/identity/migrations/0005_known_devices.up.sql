-- target: control
-- From where somebody has signed in before, so that they are told of a sign-in that is like none of these.

create table identity.known_devices (
  user_id uuid not null references identity.users (id) on delete cascade,
  -- Hex of a sha256 over the person, the kind of program and the network: see known-devices.ts.
  device_hash text not null check (device_hash ~ '^[0-9a-f]{64}$'),
  seen_at timestamptz(3) not null,
  primary key (user_id, device_hash)
);
create index known_devices_by_use on identity.known_devices (seen_at);

revoke all on identity.known_devices from public;
grant select, insert, update, delete on identity.known_devices to tenantry_identity;
