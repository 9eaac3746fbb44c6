/** What callers of an old operation are told by every reply (RFC 9745, RFC 8594). Days are UTC, `YYYY-MM-DD`. */
export interface Deprecation {
  readonly since: string
  /** It may be gone from this day on. */
  readonly sunset: string
  /** The name of what to call in its place; its path takes no other fields than this one's. */
  readonly replacedBy?: string
}

/**
 * Throws when the declaration contradicts itself. The name is another for each version, so that keys, cursors and records
 * of one are not taken for those of another.
 */
export function identityOf({
  name,
  version = 1,
  deprecated,
}: {
  name: string
  version?: number
  deprecated?: Deprecation
}): { name: string; version: number; deprecated: Deprecation | undefined } {
  checkName(name)
  if (!Number.isInteger(version) || version < 1) throw new Error(`${name} has version ${version}`)
  if (deprecated && !(Date.parse(deprecated.since) <= Date.parse(deprecated.sunset)))
    throw new Error(`${name} is deprecated since ${deprecated.since}, with a sunset of ${deprecated.sunset}`)
  return { name: version === 1 ? name : `${name}.v${version}`, version, deprecated }
}

/** Throws when a name is not `noun.verb`. */
export function checkName(name: string): void {
  if (!/^[a-z][a-zA-Z]*\.[a-z][a-zA-Z]*$/.test(name)) throw new Error(`operation name "${name}" is not noun.verb`)
}
