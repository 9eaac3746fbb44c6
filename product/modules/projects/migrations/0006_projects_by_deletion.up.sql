-- target: tenant
-- transaction: none
create index concurrently if not exists projects_by_deletion on projects (tenant_id, deleted_at, id) where deleted_at is not null;
