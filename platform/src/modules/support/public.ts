export { findOpenSession, type OpenSupportSession } from './store.ts'
