export { BatchedRun, type BatchedRunParts } from './batched-run.ts'
export { type BatchProgress, batchProgress, beginBatches, forgetBatches } from './batched-store.ts'
export { ControlMirror } from './mirror.ts'
export { fleetPort } from './ports.ts'
export {
  type FleetTarget,
  fleetHold,
  forgetTarget,
  foundedBelow,
  lagging,
  tenantsBelow,
} from './store.ts'
