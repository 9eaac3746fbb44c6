export { directoryCache, manifestPermissions } from './listeners.ts'
export { findTenant } from './store.ts'
