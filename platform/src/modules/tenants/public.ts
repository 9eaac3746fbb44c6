export { directoryFacts, isNamedSql, tenantNames, tenantsNamed } from './directory-store.ts'
export { Model, PlaceName, PlanKey, State } from './model.ts'
export {
  accountByEmail,
  cells,
  manifestPermissions,
  type Places,
  places,
  plans,
  systemCalls,
  tenantErasure,
} from './ports.ts'
export {
  countTenantsWithRows,
  findTenant,
  hasMembership,
  isMember,
  tenantsWithOwnPlace,
  tenantsWithRows,
} from './store.ts'
