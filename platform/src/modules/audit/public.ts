export type { Chain } from './chain.ts'
export { tenantsWithUnsealed } from './seal-store.ts'
export { mirrorHeads, sealChain } from './sealing.ts'
export { type ChainFindings, verifyChain } from './verification.ts'
