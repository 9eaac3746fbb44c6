import { port } from '#kernel/port'
import type { TrashedRecord } from './model.ts'

/** What the platform does in a tenant's trash by itself: through the operations that people call, with no more than their permissions. */
export interface TrashKeeper {
  /** Records that may be deleted for good by then, read in pages while they are. */
  due(tenantId: string, by: string): AsyncIterable<TrashedRecord>
  /** Says whether the record was there as it was found: who restored it, or deleted it anew, was quicker. */
  purge(tenantId: string, record: TrashedRecord): Promise<boolean>
}
export const trashKeeper = port<TrashKeeper>('keeper of the trash')
