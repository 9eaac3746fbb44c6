import type { Cursors } from '#kernel/cursor'
import { port } from '#kernel/port'

/** What the places between parts of an export are signed with. */
export const exportCursors = port<Cursors>('cursors of exports')

/** 32 bytes that the secrets of streams are sealed with. */
export const streamKey = port<Buffer>('key of audit streams')
