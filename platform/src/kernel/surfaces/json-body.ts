import { Failure } from '../errors/failure.ts'
import { malformed, tooLarge } from '../errors/platform-failures.ts'

export const bodyBytesMax = 1_048_576
export const nestingMax = 32
export const arrayEntriesMax = 1_000

const utf8 = new TextDecoder('utf-8', { fatal: true })
/** Keys that change an object's prototype when somebody merges it later (CWE-1321). */
const reservedKeys = new Set(['__proto__', 'constructor', 'prototype'])

/** Reads a request's body: strict UTF-8 JSON within the limits above. Throws `request.malformed` or `request.too_large`. */
export function parseJsonBody(bytes: Buffer): unknown {
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytes))
  } catch (cause) {
    throw new Failure(malformed, { detail: 'The body is not JSON in UTF-8.', cause })
  }
  const members = checkShape(value, 1)
  if (membersIn(bytes) !== members) throw new Failure(malformed, { detail: 'A key comes twice in the same object.' })
  return value
}

/** Checks a value against the limits and counts the members of its objects. */
function checkShape(value: unknown, depth: number): number {
  if (typeof value !== 'object' || value === null) return 0
  if (depth > nestingMax) throw new Failure(tooLarge, { detail: `The body nests deeper than ${nestingMax} levels.` })
  if (Array.isArray(value)) {
    if (value.length > arrayEntriesMax)
      throw new Failure(tooLarge, { detail: `An array has more than ${arrayEntriesMax} entries.` })
    return value.reduce<number>((members, entry) => members + checkShape(entry, depth + 1), 0)
  }
  let members = 0
  for (const [key, entry] of Object.entries(value)) {
    if (reservedKeys.has(key)) throw new Failure(malformed, { detail: `The key "${key}" is reserved.` })
    members += 1 + checkShape(entry, depth + 1)
  }
  return members
}

/**
 * Counts the members that JSON text writes down: each has one colon outside of strings. JSON.parse keeps only the last
 * of those with one name, and whoever read the text before us may have kept the first (RFC 8259 §4).
 */
function membersIn(bytes: Buffer): number {
  let members = 0
  let inString = false
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index]
    if (byte === backslash) index += 1
    else if (byte === quote) inString = !inString
    else if (byte === colon && !inString) members += 1
  }
  return members
}

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a]
