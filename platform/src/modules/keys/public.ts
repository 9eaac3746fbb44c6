export { keyPrefix } from './model.ts'
export { findLiveKey, noteUse } from './store.ts'
