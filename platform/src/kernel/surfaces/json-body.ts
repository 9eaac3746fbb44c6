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
  checkShape(value, 1)
  return value
}

function checkShape(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > nestingMax) throw new Failure(tooLarge, { detail: `The body nests deeper than ${nestingMax} levels.` })
  if (Array.isArray(value)) {
    if (value.length > arrayEntriesMax)
      throw new Failure(tooLarge, { detail: `An array has more than ${arrayEntriesMax} entries.` })
    for (const entry of value) checkShape(entry, depth + 1)
    return
  }
  for (const [key, entry] of Object.entries(value)) {
    if (reservedKeys.has(key)) throw new Failure(malformed, { detail: `The key "${key}" is reserved.` })
    checkShape(entry, depth + 1)
  }
}
