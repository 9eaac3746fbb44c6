import type { JsonSchema } from '#kernel/validation'

/** How a schema differs from an older one, before it is known whether it describes what callers send or what they get. */
export interface SchemaDifference {
  readonly kind: 'narrower' | 'wider' | 'limit-wider' | 'added' | 'added-required' | 'removed' | 'required' | 'optional'
  /** `state`, `items[].name`; empty for the whole. */
  readonly place: string
  /** What it is now, as the end of a sentence. */
  readonly detail: string
}

/** What a value of the older schema may find, or be refused for, in the newer one. Reads what JSON Schema our wire types make. */
export function* schemaDifferences(before: JsonSchema, after: JsonSchema, place = ''): Generator<SchemaDifference> {
  const [old, present] = [byType(before), byType(after)]
  for (const [type, alternatives] of old) {
    const now = present.get(type)
    if (now === undefined) yield { kind: 'narrower', place, detail: `is never ${withArticle(type)} any more` }
    else if (alternatives.length === 1 && now.length === 1)
      yield* facetDifferences(alternatives[0] as JsonSchema, now[0] as JsonSchema, place)
    else yield* alternativeDifferences(alternatives, now, place)
  }
  for (const type of present.keys())
    if (!old.has(type)) yield { kind: 'wider', place, detail: `may be ${withArticle(type)}` }
}

/** The alternatives of a schema by type; one without a type takes everything. */
function byType(schema: JsonSchema): Map<string, JsonSchema[]> {
  return Map.groupBy(alternativesOf(schema), ({ type }) => type as string)
}

/** Alternatives of one type each. */
function alternativesOf(schema: JsonSchema): JsonSchema[] {
  const {
    anyOf,
    oneOf,
    type,
    const: only,
  } = schema as { [name: string]: unknown; anyOf?: JsonSchema[]; oneOf?: JsonSchema[] }
  const several = anyOf ?? oneOf
  if (several) return several.flatMap(alternativesOf)
  return [type ?? (only === undefined ? 'anything' : typeof only)].flat().map((each) => ({ ...schema, type: each }))
}

/** Of several alternatives of one type nobody can say which became which: they are the same or not. */
function* alternativeDifferences(
  before: readonly JsonSchema[],
  after: readonly JsonSchema[],
  place: string,
): Generator<SchemaDifference> {
  const [old, present] = [before, after].map((each) => new Set(each.map((schema) => JSON.stringify(schema))))
  if ([...(old ?? [])].some((each) => !present?.has(each)))
    yield { kind: 'narrower', place, detail: 'has an alternative less, or another' }
  if ([...(present ?? [])].some((each) => !old?.has(each)))
    yield { kind: 'wider', place, detail: 'has an alternative more, or another' }
}

function* facetDifferences(before: JsonSchema, after: JsonSchema, place: string): Generator<SchemaDifference> {
  yield* choiceDifferences(choicesOf(before), choicesOf(after), place)
  for (const name of ['minLength', 'minimum', 'exclusiveMinimum', 'minItems'])
    yield* limitDifference({ name, before: numberOf(before, name), after: numberOf(after, name), sign: -1 }, place)
  for (const name of ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems'])
    yield* limitDifference({ name, before: numberOf(before, name), after: numberOf(after, name), sign: 1 }, place)
  for (const name of ['pattern', 'format'])
    yield* formDifference({ name, before: textOf(before, name), after: textOf(after, name) }, place)
  if (before['items'] && after['items'])
    yield* schemaDifferences(before['items'] as JsonSchema, after['items'] as JsonSchema, `${place}[]`)
  yield* fieldDifferences(before, after, place)
}

function choicesOf({ enum: several, const: only }: JsonSchema): readonly unknown[] | undefined {
  return only === undefined ? (several as unknown[] | undefined) : [only]
}

function* choiceDifferences(
  before: readonly unknown[] | undefined,
  after: readonly unknown[] | undefined,
  place: string,
): Generator<SchemaDifference> {
  const lost = before?.filter((value) => after && !after.includes(value)) ?? []
  const gained = after?.filter((value) => before && !before.includes(value)) ?? []
  if (lost.length > 0) yield { kind: 'narrower', place, detail: `is never ${lost.join(' or ')} any more` }
  if (!before && after) yield { kind: 'narrower', place, detail: `is one of ${after.join(', ')} only` }
  if (gained.length > 0) yield { kind: 'wider', place, detail: `may be ${gained.join(' or ')}` }
  if (before && !after) yield { kind: 'wider', place, detail: 'is no choice of a few any more' }
}

function numberOf(schema: JsonSchema, name: string): number | undefined {
  return schema[name] as number | undefined
}

function textOf(schema: JsonSchema, name: string): string | undefined {
  return schema[name] as string | undefined
}

/** `sign` is 1 for an upper limit and -1 for a lower one. */
function* limitDifference(
  {
    name,
    before,
    after,
    sign,
  }: { name: string; before?: number | undefined; after?: number | undefined; sign: 1 | -1 },
  place: string,
): Generator<SchemaDifference> {
  const [old, present] = [before, after].map((limit) => (limit ?? Number.POSITIVE_INFINITY * sign) * sign) as [
    number,
    number,
  ]
  if (old === present) return
  const detail = after === undefined ? `has no ${name}` : `has a ${name} of ${after}`
  yield { kind: present < old ? 'narrower' : 'limit-wider', place, detail }
}

/** Of two expressions nobody can say which takes more. The width of integers is a hint for generators, not a rule. */
function* formDifference(
  { name, before, after }: { name: string; before: string | undefined; after: string | undefined },
  place: string,
): Generator<SchemaDifference> {
  if (before === after || [before, after].some((each) => /^int(32|64)$/.test(each ?? ''))) return
  if (after === undefined) yield { kind: 'limit-wider', place, detail: `has no ${name}` }
  else yield { kind: 'narrower', place, detail: `has the ${name} ${after}` }
}

function* fieldDifferences(before: JsonSchema, after: JsonSchema, place: string): Generator<SchemaDifference> {
  const [old, present] = [fieldsOf(before), fieldsOf(after)]
  const [wasNeeded, isNeeded] = [neededOf(before), neededOf(after)]
  for (const [name, schema] of Object.entries(old)) {
    const now = present[name]
    const inside = place === '' ? name : `${place}.${name}`
    if (now === undefined) {
      yield { kind: 'removed', place: inside, detail: 'is gone' }
      continue
    }
    if (isNeeded.has(name) && !wasNeeded.has(name)) yield { kind: 'required', place: inside, detail: 'is always there' }
    if (!isNeeded.has(name) && wasNeeded.has(name)) yield { kind: 'optional', place: inside, detail: 'may be missing' }
    yield* schemaDifferences(schema, now, inside)
  }
  for (const name of Object.keys(present).filter((each) => !(each in old)))
    yield {
      kind: isNeeded.has(name) ? 'added-required' : 'added',
      place: place === '' ? name : `${place}.${name}`,
      detail: isNeeded.has(name) ? 'is new, and always there' : 'is new',
    }
  const [others, othersNow] = [before['additionalProperties'], after['additionalProperties']]
  if (typeof others === 'object' && typeof othersNow === 'object')
    yield* schemaDifferences(others as JsonSchema, othersNow as JsonSchema, `${place}{}`)
  else if (others !== false && othersNow === false) yield { kind: 'narrower', place, detail: 'has no other fields' }
  else if (others === false && othersNow !== false) yield { kind: 'wider', place, detail: 'may have other fields' }
}

function fieldsOf({ properties }: JsonSchema): Record<string, JsonSchema> {
  return (properties as Record<string, JsonSchema> | undefined) ?? {}
}

function neededOf({ required }: JsonSchema): ReadonlySet<string> {
  return new Set(required as string[] | undefined)
}

function withArticle(type: string): string {
  if (type === 'null' || type === 'anything') return type
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`
}
