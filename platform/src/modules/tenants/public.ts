export { tenantNames, tenantsNamed } from './directory-store.ts'
export { manifestPermissions, type Places, places, regionOfCell, systemCalls, tenantErasure } from './ports.ts'
export { findTenant, hasMembership, isMember, tenantsWithOwnPlace } from './store.ts'
