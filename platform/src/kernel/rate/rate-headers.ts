import type { Standing } from './lease.ts'
import { windowMs } from './sliding-window.ts'

/**
 * `RateLimit-Policy` and `RateLimit` as lists of RFC 9651 (draft-ietf-httpapi-ratelimit-headers-10): `q` the quota, `w` the
 * window in seconds, `r` what remains, `t` the seconds until more is free. `tenantry-warning` is ours: 80 % are used.
 */
export function rateHeaders(standings: readonly Standing[]): { policy: string; limit: string } {
  return {
    policy: standings.map(({ policy }) => policy).join(', '),
    limit: standings.map(limitItem).join(', '),
  }
}

export function policyItem(name: string, limit: number): string {
  return `"${name}";q=${limit};w=${windowMs / 1_000}`
}

function limitItem({ name, remaining, freesInMs, warning }: Standing): string {
  const item = `"${name}";r=${remaining};t=${Math.ceil(freesInMs / 1_000)}`
  return warning ? `${item};tenantry-warning` : item
}
