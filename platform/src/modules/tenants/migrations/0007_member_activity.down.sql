-- target: tenant
alter table members drop column last_active_at;
