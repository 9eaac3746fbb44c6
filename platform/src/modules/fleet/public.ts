export { ControlMirror } from './mirror.ts'
export { fleetPort } from './ports.ts'
export { type FleetTarget, fleetHold, forgetTarget, holdFleet, lagging, releaseFleet, tenantsBelow } from './store.ts'
