-- target: tenant
alter table projects drop constraint projects_in_team;
alter table projects add constraint projects_in_team foreign key (tenant_id, team_id) references teams (tenant_id, id)
  on delete set null (team_id) not valid;
