import type { Resources } from '#kernel/access/resource'
import type { Ctx } from '#kernel/context'
import { port } from '#kernel/port'
import type { SystemPermission } from './model.ts'

/** What the modules of this product declare. */
export interface Catalogue {
  readonly permissions: readonly SystemPermission[]
  readonly resources: Resources
}
export const catalogue = port<Catalogue>('permissions and resources')

/** Whom roles can be given to here. */
export interface Principal {
  readonly kind: 'person' | 'serviceAccount'
  readonly email?: string
  /** A service account whose keys are all refused at the moment. */
  readonly isDisabled?: boolean
}
/** Undefined: nobody who belongs here. */
export const principalOf = port<(ctx: Ctx, principalId: string) => Promise<Principal | undefined>>('principals')
