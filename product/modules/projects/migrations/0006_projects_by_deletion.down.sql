-- target: tenant
-- transaction: none
drop index concurrently if exists projects_by_deletion;
