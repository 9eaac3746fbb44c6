export { keyPrefix } from './model.ts'
export { serviceAccountIn } from './service-account-store.ts'
export { findLiveKey, noteUse } from './store.ts'
