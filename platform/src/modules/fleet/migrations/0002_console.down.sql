-- target: control
alter table fleet_hold drop column held_by;
alter table fleet_hold drop column id;
alter table fleet_targets drop column id;
