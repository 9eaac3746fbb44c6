import { type ApiSettings, apiClient } from 'tenantry/client/client.ts'
import type { paths } from './generated/schema.d.ts'

export { type Problem, ProblemError } from 'tenantry/client/client.ts'

/** Atlas over HTTP: the whole contract, the platform's part of it included. */
export function atlas(settings: ApiSettings) {
  return apiClient<paths>(settings)
}
