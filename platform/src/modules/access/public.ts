export { RoleName, type SystemPermission, systemPermissions, systemRoles } from './model.ts'
export { catalogue, type Principal, principalOf } from './ports.ts'
export { accessOf, assignRole, insertSystemRoles, permissionsOfRole, withdrawRoles } from './store.ts'
export { updateSystemRoles } from './system-roles.ts'
