-- target: tenant
-- Since when a member does not want to see what there is to begin with.
alter table members add column onboarding_dismissed_at timestamptz(3);
