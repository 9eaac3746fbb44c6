-- target: control
drop table fleet_batch_tenants;
drop table fleet_batches;
