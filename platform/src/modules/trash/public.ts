export { nameNotConfirmed, nameTaken } from './failures.ts'
export type { TrashedRecord } from './model.ts'
export { type TrashKeeper, trashKeeper } from './ports.ts'
export { moveToTrash, purge, takeFromTrash } from './trash.ts'
