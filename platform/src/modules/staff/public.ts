export { effectiveConfiguration } from './ports.ts'
export { isStaff } from './store.ts'
