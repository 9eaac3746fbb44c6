-- target: control
drop table identity.email_changes;
