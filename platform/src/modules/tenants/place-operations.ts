import type { PlacementWish } from '#kernel/context'
import { notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { email, id, slug, z } from '#kernel/schema'
import { findDirectoryEntry, writePlan } from './directory-store.ts'
import { tenantCreated, tenantPlanChanged } from './events.ts'
import { slugTaken, unknownOwner, unknownPlan } from './failures.ts'
import { found } from './founding.ts'
import { Cell, DirectoryEntry, Model, PlaceName, Plan, PlanKey, Reason, TenantName } from './model.ts'
import { accountByEmail, cells, plans } from './ports.ts'

/** Where tenants can be founded, by staff with every choice that there is, and what they can agree to. */

export const listRegions = operation({
  name: 'regions.list',
  summary: 'List the regions that an organisation can be created in',
  description: 'Everything of an organisation stays in its region. Without a choice it is the first.',
  http: 'GET /regions',
  output: z.object({ items: z.array(z.object({ name: PlaceName })).max(100) }),
  permission: 'signed-in',
  target: 'control',
  async run(ctx) {
    const open = ctx.port(cells).filter(({ reserved }) => !reserved)
    return { items: [...new Set(open.map(({ region }) => region))].map((name) => ({ name })) }
  },
})

export const listCells = operation({
  name: 'cells.list',
  summary: 'List the cells of this installation',
  description: 'A cell is a database cluster in a region.',
  http: 'GET /staff/cells',
  output: z.object({ items: z.array(Cell).max(100) }),
  permission: 'staff',
  target: 'control',
  async run(ctx) {
    return { items: [...ctx.port(cells)] }
  },
})

export const listPlans = operation({
  name: 'plans.list',
  summary: 'List the plans of this product',
  http: 'GET /staff/plans',
  output: z.object({ items: z.array(Plan).max(100) }),
  permission: 'staff',
  target: 'control',
  async run(ctx) {
    return { items: [...ctx.port(plans)] }
  },
})

export const createByStaff = operation({
  name: 'staffTenants.create',
  summary: 'Create an organisation for somebody',
  description:
    'Its rows go where you say: to the shared tables of a cell, or to a schema or a database of its own there.',
  http: 'POST /staff/tenants',
  input: {
    name: TenantName,
    slug: slug().optional().describe('Its part of the address; made from the name when absent.'),
    owner: email().describe('The confirmed address of the account that will own it.'),
    model: Model.default('pool'),
    region: PlaceName.optional().describe('The region of the first cell when absent.'),
    cell: PlaceName.optional().describe('One of the region; when absent the platform takes one that is not reserved.'),
    reason: Reason,
  },
  output: DirectoryEntry,
  permission: 'staff',
  target: 'control',
  tenantFrom: { founds: ({ model, region, cell }: PlacementWish) => ({ model, region, cell }) },
  errors: [slugTaken, unknownOwner, notFound],
  emits: [tenantCreated],
  replyAfter: 'handlers',

  async run(ctx, { owner: address, ...asked }) {
    const owner = (await ctx.port(accountByEmail)(address.toLowerCase())) ?? ctx.fail(unknownOwner)
    const { created } = await found(ctx, asked, owner)
    ctx.record(tenantCreated, { after: { ...created, reason: asked.reason } })
    return (await findDirectoryEntry(ctx, ctx.tenant.id)) ?? ctx.fail(notFound)
  },
})

export const changePlan = operation({
  name: 'staffTenants.changePlan',
  summary: 'Give an organisation another plan',
  http: 'POST /staff/tenants/{id}/change-plan',
  input: { id: id(), plan: PlanKey, reason: Reason },
  output: DirectoryEntry.pick({ id: true, name: true, state: true, purgeAfter: true, plan: true, version: true }),
  status: 200,
  permission: 'staff',
  target: 'control',
  tenantFrom: (input: { id: string }) => input.id,
  errors: [notFound, unknownPlan],
  emits: [tenantPlanChanged],

  async run(ctx, { plan, reason }) {
    const known = ctx.port(plans).map(({ key }) => key)
    if (!known.includes(plan)) {
      const detail = `There is: ${known.join(', ')}.`
      ctx.fail(unknownPlan, { errors: [{ pointer: '#/plan', code: 'unknown', detail }] })
    }
    const before = (await findDirectoryEntry(ctx, ctx.tenant.id, 'lock')) ?? ctx.fail(notFound)
    const after = (await writePlan(ctx, plan)) ?? ctx.fail(notFound)
    ctx.record(tenantPlanChanged, { before, after: { ...after, reason } })
    const { id: changed, name, state, purgeAfter, version } = after
    return { id: changed, name, state, purgeAfter, plan, version }
  },
})
