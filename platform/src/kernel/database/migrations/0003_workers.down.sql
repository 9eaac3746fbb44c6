-- target: tenant
-- Nothing to take back: tenantry_serving is a member of the group, so a release that knew only it works as before.
select;
