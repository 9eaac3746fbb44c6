-- target: tenant
alter table projects drop constraint projects_in_team, drop column owner_id, drop column team_id;
