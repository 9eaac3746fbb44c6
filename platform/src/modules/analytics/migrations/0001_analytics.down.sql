-- target: control
drop table operation_days;
drop table tenant_days;
