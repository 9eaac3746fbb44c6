import { type RecordName, resourceOf } from './access/access.ts'
import type { Ctx, OpenCtx, PlacementWish, TenantState } from './context.ts'
import type { FailureKind } from './errors/failure.ts'
import { checkName, type Deprecation, identityOf } from './operation-name.ts'
import { type Priority, priorityOf } from './overload/priority.ts'
import { type RateClass, rateClassOf } from './rate/limits.ts'
import { z } from './schema.ts'
import { type SupportUse, supportUseOf } from './support-session.ts'

/**
 * What modules are written in. These functions check and freeze what is declared; they do nothing else. REST, OpenAPI,
 * the typed client, permission checks, audit and the generic tests are derived from the declarations.
 */

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Shape = Record<string, z.ZodType>
export type InputOf<Input extends Shape> = z.infer<z.ZodObject<Input>>

/**
 * `public`: anybody. `signed-in`: any person with a session, no tenant needed. `staff`: who runs the platform, whatever
 * they are in any tenant. Else `resource:action` in the tenant.
 */
export type Permission = 'public' | 'signed-in' | 'staff' | `${string}:${string}`

/**
 * Which database the operation's transaction is in, and as which role: the tenant's cell, the control database, or the
 * control database as the identity role, which alone can reach accounts and sessions.
 */
export type TargetKind = 'tenant' | 'control' | 'identity'

/**
 * Finds the tenant's id in the input, or says that the operation founds a tenant, and where: it then works under a new id
 * and in a new place.
 */
export type TenantFinder<Input> =
  | ((input: Input) => string | undefined)
  | { readonly founds: (input: Input) => PlacementWish }

/** With a tenant: every permission of the form `resource:action`, and operations that find it in their input. */
export type CtxFor<Needs extends Permission, Found> = Needs extends 'public' | 'signed-in' | 'staff'
  ? Found extends undefined
    ? OpenCtx
    : Ctx
  : Ctx

export interface OperationDefinition<
  Input extends Shape,
  Output extends z.ZodType,
  Needs extends Permission,
  Found extends TenantFinder<InputOf<Input>> | undefined,
> {
  /** `noun.verb`; stable: clients, audit rows and metrics carry it. From version 2 on `.v2` is put behind it. */
  readonly name: string
  /** 2 for one that stands beside an older one of the same name, below `/api/v2`. */
  readonly version?: number
  /** Since when it should be used no more. It works until it is removed, at the sunset or later. */
  readonly deprecated?: Deprecation
  readonly summary: string
  /** More for the reference: limits, side effects, examples. */
  readonly description?: string
  /** Method and path below the API's prefix; `{field}` takes a field of the input from the path. */
  readonly http: `${Method} /${string}`
  /** Fields by name. What the path does not take comes from the query (GET, DELETE) or the body. */
  readonly input?: Input
  /** Absent: 204 without a body. */
  readonly output?: Output
  /** The HTTP status of success when it is not 200 (201 for POST with output, 204 without output). */
  readonly status?: 200 | 201 | 202
  readonly permission: Needs
  /**
   * The record that the permission is asked for, where that is not the one whose `id` is in the path: a task is created
   * in a project. Roles that reach single records or a team's decide by it.
   */
  readonly about?: (input: InputOf<Input>) => RecordName | undefined
  readonly target?: TargetKind
  /** For callers who are no members yet: the tenant is in an invitation's token, or is founded by this operation. */
  readonly tenantFrom?: Found
  /** States of a tenant in which this works beside those in which everything does: active, and read_only for reads. */
  readonly alsoIn?: readonly TenantState[]
  readonly errors?: readonly FailureKind[]
  /** A read that records something is sensitive, such as an export: it is answered once that is on record. */
  readonly emits?: readonly EventKind[]
  /** For a read that takes much away: it waits behind everything that somebody looks at. */
  readonly priority?: 'export'
  /** Answer only once the handlers of what was written are done, at most 2 s later. */
  readonly replyAfter?: 'handlers'
  /** What one more of is made or restored: refused when the tenant's plan allows no more (entitlement.ts). */
  readonly entitlement?: string
  /** Callers from outside must send an Idempotency-Key: for what sends something or moves money. Others may. */
  readonly idempotency?: 'required'
  /** Callers from outside must say which version they change: for what replaces what somebody else may have set. */
  readonly ifMatch?: 'required'
  /** Only for people who proved their password or second factor within ten minutes. Keys are not asked. */
  readonly stepUp?: true
  /** What staff may do in a support session, where it isn't what `supportUseOf` (support-session.ts) says by itself. */
  readonly support?: SupportUse
  readonly run: (ctx: CtxFor<Needs, Found>, input: InputOf<Input>) => Promise<z.infer<Output>>
}

/** An operation whose types were forgotten: what the pipeline, the surfaces and the tests work with. */
export interface Operation {
  readonly name: string
  readonly version: number
  readonly deprecated: Deprecation | undefined
  readonly summary: string
  readonly description: string | undefined
  readonly method: Method
  /** `/projects/{id}` */
  readonly path: string
  readonly status: number
  readonly input: z.ZodObject
  readonly output: z.ZodType | undefined
  readonly permission: Permission
  readonly about: (input: never) => RecordName | undefined
  readonly target: TargetKind
  readonly tenantFrom: TenantFinder<never> | undefined
  readonly alsoIn: readonly TenantState[]
  readonly errors: readonly FailureKind[]
  readonly emits: readonly EventKind[]
  readonly replyAfter: 'handlers' | undefined
  readonly entitlement: string | undefined
  readonly idempotency: 'required' | undefined
  readonly ifMatch: 'required' | undefined
  readonly stepUp: boolean
  readonly support: SupportUse
  /** Who goes first when there is more to do than can be done. */
  readonly priority: Priority
  /** Under which of a plan's limits its requests count. */
  readonly rate: RateClass
  /** Present on lists: what they can be sorted and filtered by. */
  readonly list: ListFacts | undefined
  // The one place where types are forgotten; `operation()` has checked them against each other before.
  readonly run: (ctx: Ctx, input: any) => Promise<unknown>
}

/** Declares an operation. Throws when the declaration contradicts itself; types are checked by the compiler. */
export function operation<
  Input extends Shape,
  Output extends z.ZodType,
  Needs extends Permission,
  Found extends TenantFinder<InputOf<Input>> | undefined = undefined,
>(definition: OperationDefinition<Input, Output, Needs, Found>): Operation {
  const [method, path] = definition.http.split(' ') as [Method, string]
  const input = definition.input ?? {}
  const priority = definition.priority ?? priorityOf(method, definition)
  for (const field of pathFields(path)) {
    if (!(field in input)) throw new Error(`${definition.name}: its path names {${field}}, its input does not`)
  }
  return Object.freeze({
    ...identityOf(definition),
    summary: definition.summary,
    description: definition.description,
    method,
    path,
    status: definition.status ?? (definition.output ? (method === 'POST' ? 201 : 200) : 204),
    input: z.strictObject(input),
    output: definition.output,
    permission: definition.permission,
    about: definition.about ?? aboutId(definition.permission, path),
    target: definition.target ?? 'tenant',
    tenantFrom: definition.tenantFrom,
    alsoIn: definition.alsoIn ?? [],
    errors: definition.errors ?? [],
    emits: definition.emits ?? [],
    replyAfter: definition.replyAfter,
    entitlement: definition.entitlement,
    idempotency: definition.idempotency,
    ifMatch: definition.ifMatch,
    stepUp: definition.stepUp ?? false,
    support: definition.support ?? supportUseOf(method, definition),
    priority,
    rate: rateClassOf(method, priority),
    list: undefined,
    run: definition.run as Operation['run'],
  })
}

/** The record that the path names, of the kind that the permission is about. */
function aboutId(permission: Permission, path: string): (input: { id?: string }) => RecordName | undefined {
  const resource = resourceOf(permission)
  return path.includes('{id}') ? ({ id = '' }) => ({ resource, id }) : () => undefined
}

/** The operation of that name. Throws when there is none: names are written by us, not by callers. */
export function requireOperation(operations: readonly Operation[], name: string): Operation {
  const found = operations.find((operation) => operation.name === name)
  if (!found) throw new Error(`there is no operation ${name}`)
  return found
}

export function pathFields(path: string): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
}

/** Where REST serves it: `/api/v1/projects/{id}`. */
export function addressOf({ version, path }: Pick<Operation, 'version' | 'path'>): string {
  return `/api/v${version}${path}`
}

/** Where REST carries a field of the input. */
export function placeOf(operation: Pick<Operation, 'method' | 'path'>, field: string): 'path' | 'query' | 'body' {
  if (operation.path.includes(`{${field}}`)) return 'path'
  return operation.method === 'GET' || operation.method === 'DELETE' ? 'query' : 'body'
}

export interface ListFacts {
  /** Fields of an item by which the list can be sorted; the first is the default, `-` before it means descending. */
  readonly sort: readonly string[]
  /** Who may ask for `deleted=true`; absent: the list has no deleted rows. */
  readonly deleted: Permission | undefined
}

/** Which part of a list is asked for, as the store gets it. */
export interface Page {
  readonly limit: number
  readonly sort: { readonly field: string; readonly descending: boolean }
  /** The last row of the page before, by its sort value and id. */
  readonly after: { readonly value: string; readonly id: string } | undefined
  readonly deleted: boolean
}

export interface PageOf<Item> {
  readonly items: Item[]
  /** Hand it back as `cursor` for the next page; null on the last. */
  readonly nextCursor: string | null
}

export interface ListDefinition<
  Filter extends Shape,
  Item extends z.ZodObject,
  Needs extends Permission,
  Found extends TenantFinder<InputOf<Filter>> | undefined,
> {
  readonly name: string
  readonly version?: number
  readonly deprecated?: Deprecation
  readonly summary: string
  readonly description?: string
  readonly http: `GET /${string}`
  readonly item: Item
  readonly sort: readonly [string, ...string[]]
  /** Also what the path names. */
  readonly filter?: Filter
  readonly deleted?: Permission
  readonly permission: Needs
  readonly target?: TargetKind
  /** For lists of one tenant that staff read: it is in the path. */
  readonly tenantFrom?: Found
  /** For a list that is read to take it elsewhere: it waits behind everything that somebody looks at. */
  readonly priority?: 'export'
  readonly support?: SupportUse
  readonly errors?: readonly FailureKind[]
  /** Gives one row more than `page.limit` when there are more; `rowsOf` in database/page.ts writes such SQL. */
  readonly run: (ctx: CtxFor<Needs, Found>, page: Page, filter: InputOf<Filter>) => Promise<z.infer<Item>[]>
}

/** Declares a list: cursor, sort, filters and, where allowed, deleted rows come with it. */
export function list<
  Item extends z.ZodObject,
  Needs extends Exclude<Permission, 'public' | 'signed-in'>,
  Filter extends Shape = Record<never, never>,
  Found extends TenantFinder<InputOf<Filter>> | undefined = undefined,
>(definition: ListDefinition<Filter, Item, Needs, Found>): Operation {
  const sortable = definition.sort.map((field) => field.replace(/^-/, ''))
  for (const field of sortable) {
    if (!(field in definition.item.shape)) throw new Error(`${definition.name}: items have no "${field}" to sort by`)
  }
  const input = {
    limit: z.number().int().min(1).max(100).default(20).describe('Items on one page.'),
    cursor: z.string().max(600).optional().describe('`nextCursor` of the page before.'),
    sort: z
      .enum([...sortable, ...sortable.map((field) => `-${field}`)])
      .default(definition.sort[0])
      .describe('A field to sort by; `-` before it means descending.'),
    ...(definition.deleted ? { deleted: z.boolean().default(false).describe('Only what is in the trash.') } : {}),
    ...definition.filter,
  }
  return Object.freeze({
    ...identityOf(definition),
    summary: definition.summary,
    description: definition.description,
    method: 'GET',
    path: definition.http.slice('GET '.length),
    status: 200,
    input: z.strictObject(input),
    output: z.object({ items: z.array(definition.item).max(100), nextCursor: z.string().max(600).nullable() }),
    permission: definition.permission,
    about: () => undefined,
    target: definition.target ?? 'tenant',
    tenantFrom: definition.tenantFrom,
    alsoIn: [],
    errors: definition.errors ?? [],
    emits: [],
    replyAfter: undefined,
    entitlement: undefined,
    idempotency: undefined,
    ifMatch: undefined,
    stepUp: false,
    support: definition.support ?? supportUseOf('GET', definition),
    priority: definition.priority ?? 'read',
    rate: rateClassOf('GET', definition.priority ?? 'read'),
    list: { sort: definition.sort, deleted: definition.deleted },
    run: (ctx: CtxFor<Needs, Found>, asked: { page: Page; filter: InputOf<Filter> }) =>
      definition.run(ctx, asked.page, asked.filter),
  })
}

/** Something that happened, `noun.past`; written to the audit log and the outbox by `ctx.record`. */
export interface EventKind {
  readonly name: string
  /** Of the data's shape; goes up when a reader of the older one would misunderstand it. */
  readonly version: number
  /** The kind of resource it is about: the part of the name before the dot. */
  readonly resource: string
  /** What the outbox carries of the record, by field; the rest stays in the audit log. */
  readonly carries: readonly string[]
  /** Whether it can change who somebody is or what they may do: remembered answers are dropped after the commit. */
  readonly changesAccess: boolean
}

/** Declares an event. Envelopes are thin: `carries` names what subscribers get beside the resource's id. */
export function event(
  name: string,
  facts: { version: number; carries?: readonly string[]; changesAccess?: boolean },
): EventKind {
  if (!/^[a-z][a-zA-Z]*\.[a-z][a-zA-Z]*$/.test(name)) throw new Error(`event name "${name}" is not noun.past`)
  return Object.freeze({
    name,
    version: facts.version,
    resource: name.slice(0, name.indexOf('.')),
    carries: Object.freeze(facts.carries ?? []),
    changesAccess: facts.changesAccess ?? false,
  })
}

/** Work that a transaction leaves behind and the relay carries out, at least once. */
export interface JobKind<Payload extends object = never> {
  readonly name: string
  readonly target: TargetKind
  /** Whether the payload holds something secret: it is then wiped from the outbox as soon as the job is done. */
  readonly secret: boolean
  /** Whether the platform enqueues it once a day by itself, with an empty payload and for no tenant. */
  readonly daily: boolean
  /** States of a tenant in which it runs although the tenant's other work waits. */
  readonly alsoIn: readonly TenantState[]
  readonly run: (ctx: Ctx, payload: Payload) => Promise<void>
}

export function job<Payload extends object>(
  name: string,
  definition: {
    target?: TargetKind
    secret?: boolean
    daily?: boolean
    alsoIn?: readonly TenantState[]
    readonly run: (ctx: Ctx, payload: Payload) => Promise<void>
  },
): JobKind<Payload> {
  checkName(name)
  return Object.freeze({
    name,
    target: definition.target ?? 'tenant',
    secret: definition.secret ?? false,
    daily: definition.daily ?? false,
    alsoIn: definition.alsoIn ?? [],
    run: definition.run,
  })
}

/** What an event hands to its listeners. */
export interface Happening {
  readonly id: string
  readonly event: string
  readonly resourceId: string
  readonly data: Readonly<Record<string, unknown>>
}

/** Reacts to an event of any module, once, in a transaction of its own. */
export interface Listener {
  /** Also its name in the inbox: renaming one makes it see waiting events again. */
  readonly name: string
  readonly on: readonly string[]
  readonly target: TargetKind
  readonly run: (ctx: Ctx, happening: Happening) => Promise<void>
}

export function listener(
  name: string,
  definition: {
    on: EventKind | readonly EventKind[]
    target?: TargetKind
    readonly run: (ctx: Ctx, happening: Happening) => Promise<void>
  },
): Listener {
  checkName(name)
  const on = [definition.on].flat().map((each) => each.name)
  return Object.freeze({ name, on, target: definition.target ?? 'tenant', run: definition.run })
}
