export { rateUsage } from './ports.ts'
export { PostgresRateStore } from './postgres-rate-store.ts'
