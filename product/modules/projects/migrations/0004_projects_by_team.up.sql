-- target: tenant
-- transaction: none
create index concurrently if not exists projects_by_team on projects (tenant_id, team_id) where team_id is not null;
