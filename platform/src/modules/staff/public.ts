export { changesByStaff } from './changes-by-staff.ts'
export { effectiveConfiguration, staffOperations } from './ports.ts'
export { isStaff } from './store.ts'
