import {
  type ApiSettings,
  apiClient,
  type CodeOf,
  isProblem as isProblemOf,
  type ProblemGuard,
} from 'tenantry/client/client.ts'
import type { components, paths } from './generated/schema.d.ts'

export { eachItem, ifMatch, type Problem, ProblemError } from 'tenantry/client/client.ts'

/** Every code that the contract knows. */
export type ProblemCode = CodeOf<components['responses']>

export const isProblem: ProblemGuard<ProblemCode> = isProblemOf

/** Atlas over HTTP: the whole contract, the platform's part of it included. */
export function atlas(settings: ApiSettings) {
  return apiClient<paths>(settings)
}
