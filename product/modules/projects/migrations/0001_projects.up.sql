-- target: tenant

create table projects (
  tenant_id uuid not null,
  id uuid not null,
  name text not null check (length(name) between 1 and 120),
  description text not null check (length(description) <= 5000),
  state text not null check (state in ('planned', 'onTrack', 'atRisk', 'onHold', 'delivered')),
  due_on date,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  deleted_at timestamptz(3),
  version int not null default 1,
  -- What search compares: row security keeps ILIKE and functions away from indexes, a plain stored column it does not.
  search_text text not null generated always as (lower(name)) stored,
  primary key (tenant_id, id)
);
create index projects_by_update on projects (tenant_id, updated_at, id) where deleted_at is null;
create index projects_by_creation on projects (tenant_id, created_at, id) where deleted_at is null;
create index projects_by_name on projects (tenant_id, name, id) where deleted_at is null;
create index projects_in_trash on projects (tenant_id, updated_at, id) where deleted_at is not null;
select tenancy.protect_tenant_table('projects', 'select, insert, update');

create table tasks (
  tenant_id uuid not null,
  id uuid not null,
  project_id uuid not null,
  title text not null check (length(title) between 1 and 200),
  notes text not null check (length(notes) <= 10000),
  state text not null check (state in ('todo', 'inProgress', 'blocked', 'done')),
  -- The account of a member; kept when that person leaves.
  assignee_id uuid,
  due_on date,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  deleted_at timestamptz(3),
  version int not null default 1,
  primary key (tenant_id, id),
  foreign key (tenant_id, project_id) references projects (tenant_id, id)
);
create index tasks_by_project on tasks (tenant_id, project_id, created_at, id) where deleted_at is null;
create index tasks_by_assignee on tasks (tenant_id, assignee_id, created_at, id) where deleted_at is null;
create index tasks_in_trash on tasks (tenant_id, updated_at, id) where deleted_at is not null;
select tenancy.protect_tenant_table('tasks', 'select, insert, update');
