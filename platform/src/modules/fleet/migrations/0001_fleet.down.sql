-- target: control
drop table fleet_hold;
drop table fleet_targets;
