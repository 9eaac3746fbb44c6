-- target: tenant
-- transaction: none
create index concurrently if not exists tasks_by_deletion on tasks (tenant_id, deleted_at, id) where deleted_at is not null;
