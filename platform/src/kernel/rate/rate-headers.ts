import type { Standing } from './lease.ts'
import { windowMs } from './sliding-window.ts'

/**
 * `RateLimit-Policy` and `RateLimit` as lists of RFC 9651 (draft-ietf-httpapi-ratelimit-headers-10): `q` the quota, `w` the
 * window in seconds, `r` what remains, `t` the seconds until more is free. `tenantry-warning` is ours: 80 % are used.
 */
export function rateHeaders(standings: readonly Standing[]): { policy: string; limit: string } {
  return {
    policy: standings.map(({ policy, limit }) => `"${policy}";q=${limit};w=${windowMs / 1_000}`).join(', '),
    limit: standings
      .map(({ policy, remaining, freesInMs, warning }) => {
        const seconds = Math.ceil(freesInMs / 1_000)
        return `"${policy}";r=${remaining};t=${seconds}${warning ? ';tenantry-warning' : ''}`
      })
      .join(', '),
  }
}
