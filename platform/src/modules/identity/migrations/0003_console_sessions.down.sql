-- target: control
delete from identity.sessions where console;
alter table identity.sessions drop column console;
