-- target: tenant
drop table role_assignments;
drop table role_permissions;
drop table roles;
