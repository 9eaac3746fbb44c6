-- target: tenant
-- transaction: none
drop index concurrently if exists tasks_of_project;
