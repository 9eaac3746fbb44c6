export { rateUsage, recordUsage } from './ports.ts'
export { PostgresRateStore } from './postgres-rate-store.ts'
