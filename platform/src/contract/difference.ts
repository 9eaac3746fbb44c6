import type { JsonSchema } from '#kernel/validation'
import { type SchemaDifference, schemaDifferences } from './schema-difference.ts'

/** What changed between two contracts, and whether a caller who keeps to the older one can notice. */

/** An OpenAPI document, as far as it is compared. */
export interface ContractDocument {
  readonly info: { readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, ContractOperation>>>>
}

interface ContractOperation {
  readonly operationId: string
  readonly summary: string
  readonly deprecated?: boolean
  readonly 'x-sunset'?: string
  readonly security?: readonly object[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Content }
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly schema: JsonSchema
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>

export interface Change {
  readonly kind: 'breaking' | 'added' | 'changed' | 'deprecated' | 'removed'
  /** `POST /api/v1/projects: name in the input has a maxLength of 100`: says which change it is, and is what people read. */
  readonly sentence: string
}

/**
 * The changes from one contract to the next. `today` (`YYYY-MM-DD`, UTC) decides whether a sunset has passed: what was
 * deprecated may go then. Failures are not compared: callers have to expect any of them.
 */
export function contractChanges(before: ContractDocument, after: ContractDocument, today: string): Change[] {
  const [old, present] = [operationsOf(before), operationsOf(after)]
  const gone = [...old].filter(([address]) => !present.has(address))
  const fresh = [...present].filter(([address]) => !old.has(address))
  return [
    ...gone.map(([address, operation]) => removal(address, operation, today)),
    ...[...old].flatMap(([address, operation]) => {
      const now = present.get(address)
      return now ? changesOf(address, operation, now) : []
    }),
    ...fresh.map(([address, { summary }]) => ({ kind: 'added' as const, sentence: `${address}: ${summary}` })),
  ]
}

function operationsOf({ paths }: ContractDocument): Map<string, ContractOperation> {
  return new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const),
    ),
  )
}

function removal(address: string, operation: ContractOperation, today: string): Change {
  const { 'x-sunset': sunset } = operation
  if (sunset !== undefined && sunset <= today)
    return { kind: 'removed', sentence: `${address} is gone, as announced for ${sunset}` }
  return { kind: 'breaking', sentence: `${address} is gone` }
}

function changesOf(address: string, before: ContractOperation, after: ContractOperation): Change[] {
  const [status, statusNow] = [successOf(before), successOf(after)]
  const [reply, replyNow] = [replyOf(before, status), replyOf(after, statusNow)]
  return [
    ...[...schemaDifferences(inputOf(before), inputOf(after))].map((difference) => inInput(address, difference)),
    ...accessChanges(address, before, after),
    ...(status === statusNow
      ? []
      : [{ kind: 'breaking' as const, sentence: `${address}: success has status ${statusNow}, not ${status}` }]),
    ...(reply && replyNow
      ? [...schemaDifferences(reply, replyNow)].map((difference) => inReply(address, difference))
      : []),
    ...(reply && !replyNow ? [{ kind: 'breaking' as const, sentence: `${address}: the reply is empty` }] : []),
    ...(!before.deprecated && after.deprecated
      ? [{ kind: 'deprecated' as const, sentence: `${address} may be gone from ${after['x-sunset']} on` }]
      : []),
  ]
}

/** What a caller may send, as one object: parameters, headers and the fields of the body. */
function inputOf({ parameters = [], requestBody }: ContractOperation): JsonSchema {
  const body = requestBody?.content['application/json']?.schema ?? {}
  const named = parameters.map((each) => [each.in === 'header' ? `header ${each.name}` : each.name, each] as const)
  return {
    type: 'object',
    properties: {
      ...Object.fromEntries(named.map(([name, { schema }]) => [name, schema])),
      ...(body['properties'] as object | undefined),
    },
    required: [
      ...named.filter(([, { required }]) => required).map(([name]) => name),
      ...((body['required'] as string[] | undefined) ?? []),
    ],
  }
}

function successOf({ responses }: ContractOperation): string {
  return Object.keys(responses).find((status) => status.startsWith('2')) ?? 'none'
}

function replyOf({ responses }: ContractOperation, status: string): JsonSchema | undefined {
  return responses[status]?.content?.['application/json']?.schema
}

const breaksInput: ReadonlySet<string> = new Set(['narrower', 'added-required', 'removed', 'required'])
/** A higher limit of what comes back is no break: nobody is helped by a new version for a longer name. */
const breaksReply: ReadonlySet<string> = new Set(['wider', 'removed', 'optional'])

function inInput(address: string, { kind, place, detail }: SchemaDifference): Change {
  const needed = kind === 'required' || kind === 'added-required' ? 'is needed' : detail
  return { kind: kindOf(kind, breaksInput), sentence: `${address}: ${named(place)}in the input ${needed}` }
}

function inReply(address: string, { kind, place, detail }: SchemaDifference): Change {
  return { kind: kindOf(kind, breaksReply), sentence: `${address}: ${named(place)}in the reply ${detail}` }
}

function kindOf(kind: SchemaDifference['kind'], breaking: ReadonlySet<string>): Change['kind'] {
  if (breaking.has(kind)) return 'breaking'
  return kind.startsWith('added') ? 'added' : 'changed'
}

function named(place: string): string {
  return place === '' ? 'what is ' : `\`${place}\` `
}

/** Ways in which a caller can prove who they are: with fewer, somebody is turned away. */
function accessChanges(address: string, before: ContractOperation, after: ContractOperation): Change[] {
  const waysOf = ({ security = [{}] }: ContractOperation) => security.map((way) => Object.keys(way).join(' and '))
  const lost = waysOf(before).filter((way) => !waysOf(after).includes(way) && !waysOf(after).includes(''))
  return lost.map((way) => ({
    kind: 'breaking',
    sentence: `${address}: ${way === '' ? 'nobody gets in without a credential' : `a ${way} is no longer enough`}`,
  }))
}
