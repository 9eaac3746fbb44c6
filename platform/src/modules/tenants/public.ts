export { directoryFacts, isNamedSql, tenantNames, tenantsNamed, tenantsOfUser } from './directory-store.ts'
export { writeMemberAddress } from './member-address-store.ts'
export { Model, PlaceName, PlanKey, State } from './model.ts'
export {
  accountByEmail,
  cells,
  memberAddress,
  onboardingSteps,
  type Places,
  places,
  plans,
  systemCalls,
  tenantErasure,
} from './ports.ts'
export { goRound, type RoundPart, roundParts } from './round.ts'
export { hasDemandingTenant } from './session-policy-store.ts'
export {
  addressesOf,
  countTenantsWithRows,
  findTenant,
  hasMembership,
  isMember,
  noteActivity,
  principalIn,
  tenantsWithOwnPlace,
  tenantsWithRows,
} from './store.ts'
