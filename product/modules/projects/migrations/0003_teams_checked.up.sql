-- target: tenant
alter table projects no force row level security;
alter table teams no force row level security;
alter table projects validate constraint projects_in_team;
alter table teams force row level security;
alter table projects force row level security;
