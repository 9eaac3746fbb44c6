export type { Chain } from './chain.ts'
export { type AuditTrimming, auditTrimming, exportCursors, streamKey } from './ports.ts'
export { type RetainedChain, trimChain, trimHeads } from './retention.ts'
export { deleteAuditSettings } from './retention-store.ts'
export { lastAnchor, tenantsWithUnsealed } from './seal-store.ts'
export { inTransaction, mirrorHeads, reading, sealChain } from './sealing.ts'
export { deliverTurn, type StreamDeliveryParts, sealSecret } from './stream-delivery.ts'
export {
  dueStreams,
  keepStream,
  pauseStream,
  type StreamName,
  type StreamRecord,
} from './stream-store.ts'
export { type ChainFindings, verifyChain } from './verification.ts'
