export type { Chain } from './chain.ts'
export { exportCursors, streamKey } from './ports.ts'
export { tenantsWithUnsealed } from './seal-store.ts'
export { inTransaction, mirrorHeads, sealChain } from './sealing.ts'
export { deliverTurn, type StreamDeliveryParts, sealSecret } from './stream-delivery.ts'
export {
  deleteStreams,
  dueStreams,
  keepStream,
  pauseStream,
  type StreamName,
  type StreamRecord,
} from './stream-store.ts'
export { type ChainFindings, verifyChain } from './verification.ts'
