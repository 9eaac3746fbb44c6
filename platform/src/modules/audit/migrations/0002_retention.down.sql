-- target: control
drop table audit_retention;
