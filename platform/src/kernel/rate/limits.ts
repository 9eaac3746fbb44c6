import type { Method } from '../operation.ts'
import type { Priority } from '../overload/priority.ts'

/** What is counted apart: reads, changes, and what makes the platform work long for one answer. */
export type RateClass = 'read' | 'write' | 'heavy'

export const rateClasses = ['read', 'write', 'heavy'] as const satisfies readonly RateClass[]

/** Requests of a tenant in any 60 seconds; Infinity where there is no limit. */
export type RateLimits = Readonly<Record<RateClass, number>>

export const defaultLimits: RateLimits = { read: 6_000, write: 1_200, heavy: 60 }

/** What one user, or one key, may have of the limit of their tenant: the others must not find it used up by one. */
const partOfOne = 0.5

export function limitOfOne(limit: number): number {
  return Math.max(1, Math.floor(limit * partOfOne))
}

/** The class that follows from an operation's declaration. Who exports takes everything at once. */
export function rateClassOf(method: Method, priority: Priority): RateClass {
  if (priority === 'export') return 'heavy'
  return method === 'GET' ? 'read' : 'write'
}
