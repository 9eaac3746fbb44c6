export { repetition } from './ports.ts'
