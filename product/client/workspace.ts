import { ofThisTab } from 'tenantry/web/api.ts'
import { atlas } from './client.ts'

/** Atlas as its own pages use it. */
export const api = atlas(ofThisTab)
