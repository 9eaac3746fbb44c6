-- target: control
drop table identity.staff;
