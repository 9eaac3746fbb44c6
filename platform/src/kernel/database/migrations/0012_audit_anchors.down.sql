-- target: control, tenant
drop table audit_anchors;
