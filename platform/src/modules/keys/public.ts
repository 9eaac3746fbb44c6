export { keyPrefix } from './model.ts'
export { findLiveKey, type LiveKey, noteUse } from './store.ts'
