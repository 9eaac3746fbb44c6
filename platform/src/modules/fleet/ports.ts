import { port } from '#kernel/port'
import type { Wanted } from './model.ts'

/** What this process can do for the fleet. */
export interface Fleet {
  /** What its release has. */
  wanted(): Promise<Wanted>
  /**
   * Begins to bring one target up to its release, and returns at once: a migration may take longer than any handler may.
   * What comes of it is in the mirror. A second time for a target that is under way changes nothing.
   */
  bringUp(target: string): void
}
export const fleetPort = port<Fleet>('the fleet')
