import { tenantInAddress } from 'tenantry/web/api.ts'
import { atlas } from './client.ts'

/** Atlas as its own pages use it: by the session's cookie, in the organisation of the tab. */
export const api = atlas({ tenant: tenantInAddress })
