import type { Ctx, OpenCtx } from '#kernel/context'
import { invalid, notFound } from '#kernel/errors/platform-failures'
import { idNamed } from '#kernel/id'
import type { FlagFacts, SystemRole } from '#kernel/module'
import { operation } from '#kernel/operation'
import { id, z } from '#kernel/schema'
import { plans } from '#modules/tenants'
import { flagChanged, tenantFlagChanged } from './events.ts'
import { tooManyTenants } from './failures.ts'
import { FlagKey, FlagReach, FlagRules, NamedTenant, Reason, ReasonForTenant, StaffFlag, TenantFlag } from './model.ts'
import { declaredFlags } from './ports.ts'
import { reachOf } from './reach.ts'
import { decide, type Rules } from './rules.ts'
import * as store from './store.ts'

/** What staff see of flags and say of them. Modules declare flags; here is only for whom they are on. */

const ofStaff = { permission: 'staff', target: 'control' } as const
const tenantOfId = (input: { id: string }) => input.id
const namedMax = 1_000

export const listForStaff = operation({
  ...ofStaff,
  name: 'staffFlags.list',
  summary: 'List the flags of this installation with their rules',
  http: 'GET /staff/flags',
  output: z.object({ items: z.array(StaffFlag).max(500) }),

  async run(ctx) {
    const records = new Map((await store.listFlags(ctx)).map((record) => [record.key, record]))
    const declared = [...ctx.port(declaredFlags)]
    return { items: declared.map(([key, facts]) => shown(key, facts, records.get(key))) }
  },
})

export const readForStaff = operation({
  ...ofStaff,
  name: 'staffFlags.read',
  summary: 'Show a flag with the organisations that its rules name, and where it is on',
  http: 'GET /staff/flags/{key}',
  input: { key: FlagKey },
  output: StaffFlag.extend({ tenants: z.array(NamedTenant).max(namedMax), reach: FlagReach }),
  errors: [notFound],

  async run(ctx, { key }) {
    const facts = ctx.port(declaredFlags).get(key) ?? ctx.fail(notFound)
    const [record] = await store.listFlags(ctx, key)
    const rules = (await store.readRules(ctx.db, key)).get(key)
    const reach = await reachOf(ctx, key, facts.default, rules)
    return { ...shown(key, facts, record), tenants: await store.listNamed(ctx, key), reach }
  },
})

export const previewFlag = operation({
  ...ofStaff,
  name: 'staffFlags.preview',
  summary: 'Say in how many organisations a flag would be on by these rules',
  description: 'Nothing is changed. Organisations that the flag names count as they are named.',
  http: 'POST /staff/flags/{key}/preview',
  status: 200,
  input: { key: FlagKey, ...FlagRules },
  output: FlagReach,
  errors: [notFound],

  async run(ctx, { key, ...rules }) {
    const facts = ctx.port(declaredFlags).get(key) ?? ctx.fail(notFound)
    const named = (await store.readRules(ctx.db, key)).get(key)?.tenants ?? new Map()
    return reachOf(ctx, key, facts.default, { ...rules, tenants: named })
  },
})

export const updateFlag = operation({
  ...ofStaff,
  name: 'staffFlags.update',
  summary: 'Change for whom a flag is on',
  description:
    'Counts within five seconds on every process. The rules are replaced as a whole; the organisations that the flag names stay.',
  http: 'PUT /staff/flags/{key}',
  input: { key: FlagKey, ...FlagRules, reason: Reason },
  output: StaffFlag,
  errors: [notFound, invalid],
  ifMatch: 'required',
  emits: [flagChanged],

  async run(ctx, { key, reason, ...rules }) {
    const facts = ctx.port(declaredFlags).get(key) ?? ctx.fail(notFound)
    const errors = contradictionsIn(ctx, rules)
    if (errors.length > 0) ctx.fail(invalid, { errors })
    const before = (await store.lockFlag(ctx, key)) ?? ctx.fail(notFound)
    ctx.expectVersion(before.version)
    const after = (await store.updateFlag(ctx, before, rules, reason)) ?? ctx.fail(notFound)
    ctx.record(flagChanged, { before, after })
    return shown(key, facts, after)
  },
})

export const listOfTenant = operation({
  ...ofStaff,
  name: 'staffTenantFlags.list',
  summary: 'List the flags of an organisation, each with the rule that decides',
  http: 'GET /staff/tenants/{id}/flags',
  input: { id: id() },
  output: z.object({ items: z.array(TenantFlag).max(500) }),
  tenantFrom: tenantOfId,
  errors: [notFound],

  async run(ctx) {
    const rules = await store.readRules(ctx.db)
    return { items: [...ctx.port(declaredFlags)].map(([key, facts]) => shownIn(ctx, key, facts, rules.get(key))) }
  },
})

export const updateForTenant = operation({
  ...ofStaff,
  name: 'staffTenantFlags.update',
  summary: 'Name an organisation in the rules of a flag, or take its name away',
  description:
    'Goes before roles, plans and the percentage, within the schedule, and not against a flag that is on or off for everybody.',
  http: 'PUT /staff/tenants/{id}/flags/{key}',
  input: {
    id: id(),
    key: FlagKey,
    on: z.boolean().nullable().describe('Null: as the other rules say.'),
    reason: ReasonForTenant,
  },
  output: TenantFlag.pick({ key: true, named: true }),
  tenantFrom: tenantOfId,
  errors: [notFound, tooManyTenants],
  emits: [tenantFlagChanged],

  async run(ctx, { id: tenant, key, on, reason }) {
    if (!ctx.port(declaredFlags).has(key)) ctx.fail(notFound)
    const flag = (await store.lockFlag(ctx, key)) ?? ctx.fail(notFound)
    const before = await store.findNamed(ctx, flag.id, tenant)
    const isNew = on !== null && before === undefined
    if (isNew && (await store.countNamed(ctx, flag.id)) >= namedMax) ctx.fail(tooManyTenants)
    await store.writeNamed(ctx, flag.id, tenant, on)
    await store.touchFlag(ctx, flag, reason)
    const change = { before: { flag: key, on: before ?? null }, after: { flag: key, on, reason } }
    ctx.record(tenantFlagChanged, { ...change, resourceId: tenant })
    return { key, named: on }
  },
})

/** A flag that nobody has changed yet is as it was declared. */
function shown(
  key: string,
  { summary, default: declared }: FlagFacts,
  record: store.CountedFlag | undefined,
): StaffFlag {
  const unchanged: Omit<store.CountedFlag, 'id' | 'key'> = {
    state: 'rules',
    roles: [],
    plans: [],
    percentage: null,
    startsAt: null,
    endsAt: null,
    tenantsOn: 0,
    tenantsOff: 0,
    reason: null,
    changedAt: null,
    changedBy: null,
    version: 1,
  }
  const { roles, plans: ofPlans, ...rest } = record ?? unchanged
  const lists = { roles: [...roles], plans: [...ofPlans] }
  return { id: idNamed(`flag ${key}`), key, summary, default: declared, ...rest, ...lists }
}

/** A flag in the tenant of `ctx`. */
function shownIn(ctx: Ctx, key: string, { summary, default: declared }: FlagFacts, rules: Rules | undefined) {
  const { id: tenantId, plan } = ctx.tenant
  const ask = (roles: readonly SystemRole[]) => decide(key, declared, rules, { tenantId, plan, roles }, ctx.now)
  const { on, by } = ask([])
  const roles = !on && rules && ask(rules.roles).on ? [...rules.roles] : []
  return { key, summary, on, by, roles, named: rules?.tenants.get(tenantId) ?? null }
}

function contradictionsIn(ctx: OpenCtx, { plans: named, startsAt, endsAt }: Omit<Rules, 'tenants'>) {
  const known = ctx.port(plans).map(({ key }) => key)
  const unknown = named.filter((plan) => !known.includes(plan))
  const detail = `There is: ${known.join(', ')}.`
  const instants = Object.entries({ startsAt, endsAt }).filter(([, at]) => at !== null && Number.isNaN(Date.parse(at)))
  const isBackwards = startsAt !== null && endsAt !== null && endsAt <= startsAt
  return [
    ...(unknown.length > 0 ? [{ pointer: '#/plans', code: 'unknown', detail }] : []),
    ...instants.map(([name]) => ({ pointer: `#/${name}`, code: 'unknown', detail: 'There is no such instant.' })),
    ...(isBackwards ? [{ pointer: '#/endsAt', code: 'too_early', detail: 'It must end after it starts.' }] : []),
  ]
}
