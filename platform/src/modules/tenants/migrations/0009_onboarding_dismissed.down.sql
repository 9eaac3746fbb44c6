-- target: tenant
alter table members drop column onboarding_dismissed_at;
