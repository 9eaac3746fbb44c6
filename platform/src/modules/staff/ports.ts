import type { EffectiveSetting } from '#kernel/config/effective-settings'
import { port } from '#kernel/port'

/** The settings that this process was started with. */
export const effectiveConfiguration = port<readonly EffectiveSetting[]>('effective configuration')

/** The names of the operations by which staff change something. */
export const staffOperations = port<readonly string[]>('operations of staff')
