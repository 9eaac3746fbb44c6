-- target: tenant
drop table api_keys;
