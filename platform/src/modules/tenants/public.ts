export { manifestPermissions, type Places, places } from './ports.ts'
export { findTenant, isMember, tenantsWithOwnPlace } from './store.ts'
