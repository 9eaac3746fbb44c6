-- target: control
drop table flag_tenants;
drop table flags;
