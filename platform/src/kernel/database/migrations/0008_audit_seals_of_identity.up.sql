-- target: control
-- What the identity role records waits to be sealed like everything else.
alter policy tenant_named on audit_unsealed to tenantry_control, tenantry_identity;
alter policy tenant_verified on audit_unsealed to tenantry_control, tenantry_identity;
grant insert on audit_unsealed to tenantry_identity;
