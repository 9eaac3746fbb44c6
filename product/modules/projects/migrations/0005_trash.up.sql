-- target: tenant
alter table projects
  -- The account or the key that deleted it, and from when on it may be deleted for good.
  add column deleted_by uuid,
  add column purge_after timestamptz(3);
alter table tasks
  add column deleted_by uuid,
  add column purge_after timestamptz(3);
grant delete on projects, tasks to tenantry_workers;
