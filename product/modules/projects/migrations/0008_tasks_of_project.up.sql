-- target: tenant
-- transaction: none
-- Those in the trash, too: they are deleted for good with their project.
create index concurrently if not exists tasks_of_project on tasks (tenant_id, project_id);
