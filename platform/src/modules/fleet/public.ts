export { ControlMirror } from './mirror.ts'
export { type FleetTarget, fleetHold, holdFleet, lagging, releaseFleet, tenantsBelow } from './store.ts'
