-- target: control, tenant
-- Nothing to take back: the owner of a table can do all of this without the policy, but for seeing the rows.
select;
