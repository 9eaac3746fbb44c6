-- target: tenant
alter table projects
  -- The team that it belongs to, and the account of whoever created it.
  add column team_id uuid,
  add column owner_id uuid,
  add constraint projects_in_team foreign key (tenant_id, team_id) references teams (tenant_id, id)
    on delete set null (team_id) not valid;
