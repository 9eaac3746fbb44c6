-- target: control
-- What the staff console needs beyond what runs of migrations do: an address for each target, and who holds the fleet.

alter table fleet_targets add column id uuid not null default uuidv7() unique;

alter table fleet_hold add column id uuid not null default uuidv7();
-- The name of whoever paused in the console; null for the command line.
alter table fleet_hold add column held_by text check (length(held_by) <= 320);
