-- target: tenant
-- transaction: none
drop index concurrently if exists tasks_by_deletion;
