export { manifestPermissions } from './ports.ts'
export { findTenant, isMember } from './store.ts'
