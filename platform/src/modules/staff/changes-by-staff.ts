import type { Operation } from '#kernel/operation'

/** The names of the operations by which staff change something. */
export function changesByStaff(operations: readonly Operation[]): string[] {
  return operations
    .filter(({ permission, emits }) => permission === 'staff' && emits.length > 0)
    .map(({ name }) => name)
}
