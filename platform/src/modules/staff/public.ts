export { isStaff } from './store.ts'
