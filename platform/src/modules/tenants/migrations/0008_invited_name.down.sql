-- target: tenant
alter table invitations drop column name;
