export { RoleName, type SystemPermission, systemPermissions, systemRoles } from './model.ts'
export { assignRole, insertSystemRoles, permissionsOf, permissionsOfRole, withdrawRoles } from './store.ts'
export { updateSystemRoles } from './system-roles.ts'
