-- target: control
drop function find_tenant(text);
drop table memberships;
drop table tenants;
