-- target: control
drop table support_policies;
drop table support_sessions;
