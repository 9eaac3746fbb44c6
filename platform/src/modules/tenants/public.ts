export { manifestPermissions } from './listeners.ts'
export { findTenant, isMember } from './store.ts'
