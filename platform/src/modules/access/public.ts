export { withdrawRolesOn } from './assignment-store.ts'
export { RoleName, type SystemPermission, systemPermissions, systemRoles } from './model.ts'
export { looksLike } from './name-store.ts'
export { catalogue, type Principal, principalOf } from './ports.ts'
export {
  type AssignmentRow,
  accessOf,
  assignmentColumns,
  assignmentOf,
  assignmentsIn,
  assignmentTables,
  assignRole,
  holdersOf,
  insertSystemRoles,
  permissionsOfRole,
  withdrawRoles,
} from './store.ts'
export { updateSystemRoles } from './system-roles.ts'
export { isTeam } from './team-store.ts'
