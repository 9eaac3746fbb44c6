-- target: tenant
drop table tasks;
drop table projects;
