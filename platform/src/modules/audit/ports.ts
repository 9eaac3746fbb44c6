import type { Cursors } from '#kernel/cursor'
import { port } from '#kernel/port'

/** What the places between parts of an export are signed with. */
export const exportCursors = port<Cursors>('cursors of exports')

/**
 * Removes what the chains of a tenant have kept for their time, a part of it in each call, and says whether there was
 * anything. Instants in ISO 8601.
 */
export type AuditTrimming = (tenantId: string, when: { before: string; now: string }) => Promise<boolean>
export const auditTrimming = port<AuditTrimming>('trimming of audit logs')

/** 32 bytes that the secrets of streams are sealed with. */
export const streamKey = port<Buffer>('key of audit streams')
