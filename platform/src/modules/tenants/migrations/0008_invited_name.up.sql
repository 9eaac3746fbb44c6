-- target: tenant
-- What whoever invited somebody calls them; the account that joins has a name of its own.
alter table invitations add column name text check (length(name) between 1 and 100);
