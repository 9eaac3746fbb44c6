-- target: tenant
revoke delete on projects, tasks from tenantry_workers;
alter table tasks drop column purge_after, drop column deleted_by;
alter table projects drop column purge_after, drop column deleted_by;
