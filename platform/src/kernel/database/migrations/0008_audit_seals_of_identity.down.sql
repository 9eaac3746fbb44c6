-- target: control
revoke insert on audit_unsealed from tenantry_identity;
alter policy tenant_named on audit_unsealed to tenantry_control;
alter policy tenant_verified on audit_unsealed to tenantry_control;
