-- target: tenant
-- When a member last asked for something here, to the hour. For whoever reviews who still needs what they may do.
alter table members add column last_active_at timestamptz(3);
