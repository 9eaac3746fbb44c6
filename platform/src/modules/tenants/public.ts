export { manifestPermissions, type Places, places } from './ports.ts'
export { findTenant, hasMembership, isMember, tenantsWithOwnPlace } from './store.ts'
