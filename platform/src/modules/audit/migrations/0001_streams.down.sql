-- target: control
drop table audit_streams;
