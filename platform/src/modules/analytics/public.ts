export { tenantTables } from './ports.ts'
export { addDatabaseTime } from './store.ts'
