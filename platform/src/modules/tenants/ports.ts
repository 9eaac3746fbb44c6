import { port } from '#kernel/port'
import type { SystemPermission } from '#modules/access'

/** What the installation's modules permit the system roles. */
export const manifestPermissions = port<readonly SystemPermission[]>('manifest permissions')
