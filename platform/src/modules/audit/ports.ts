import { port } from '#kernel/port'

/** 32 bytes that the secrets of streams are sealed with. */
export const streamKey = port<Buffer>('key of audit streams')
