import { addressOf, type Operation, pathFields, requireOperation } from '../operation.ts'

/**
 * The headers that tell callers of a deprecated operation: since when (RFC 9745), when it may be gone (RFC 8594) and what
 * comes after it (RFC 5829), with the path's fields filled in. Nothing for one that is not deprecated. Throws when the
 * successor is no operation, or its path takes what this one's does not have.
 */
export function announcementOf(
  { name, path, deprecated }: Operation,
  operations: readonly Operation[],
): ((pathValues: object) => Record<string, string>) | undefined {
  if (!deprecated) return undefined
  const { since, sunset, replacedBy } = deprecated
  const days = {
    deprecation: `@${Date.parse(since) / 1_000}`,
    sunset: new Date(sunset).toUTCString(),
  }
  if (replacedBy === undefined) return () => days
  const successor = requireOperation(operations, replacedBy)
  const foreign = pathFields(successor.path).find((field) => !pathFields(path).includes(field))
  if (foreign !== undefined) throw new Error(`${name}: the path of ${replacedBy} takes {${foreign}}, its own does not`)
  return (pathValues) => {
    const address = addressOf(successor).replace(/\{(\w+)\}/g, (_, field: string) =>
      encodeURIComponent(String(Reflect.get(pathValues, field))),
    )
    return { ...days, link: `<${address}>; rel="successor-version"` }
  }
}
