import { notFound } from '#kernel/errors/platform-failures'
import { list, operation } from '#kernel/operation'
import { id, instant, searchText, z } from '#kernel/schema'
import { listActions, listActionsOfPlatform } from './audit-store.ts'
import { StaffAction } from './model.ts'
import { staffOperations } from './ports.ts'

/**
 * What staff did. Each log is read by itself, under its own context: what was done to a tenant is in the tenant's log, where
 * its members read it, too; all else is in the platform's. Nobody reads across tenants, staff included.
 */

const shownOfTenant = 50

export const listStaffActions = list({
  name: 'staffActions.list',
  summary: 'List what staff did to the platform: accounts, flags, the fleet, who is staff',
  description: 'What they did to an organisation is in the log of that organisation.',
  http: 'GET /staff/actions',
  item: StaffAction,
  sort: ['-at'],
  filter: {
    search: searchText().optional().describe('Part of a name, of the operation or of the reason.'),
    from: instant().optional().describe('The first instant.'),
    until: instant().optional().describe('The instant after the last.'),
    resourceId: id().optional().describe('What it was done to: an account, a flag.'),
  },
  permission: 'staff',
  target: 'control',
  run: (ctx, page, filter) => listActionsOfPlatform(ctx, ctx.port(staffOperations), page, filter),
})

export const listActionsOfTenant = operation({
  name: 'staffActions.listOfTenant',
  summary: 'List what staff did to an organisation',
  description: `The last ${shownOfTenant}, as the organisation itself reads them in its audit log.`,
  http: 'GET /staff/tenants/{id}/actions',
  input: { id: id() },
  output: z.object({ items: z.array(StaffAction).max(shownOfTenant) }),
  permission: 'staff',
  target: 'control',
  tenantFrom: (input: { id: string }) => input.id,
  errors: [notFound],

  async run(ctx) {
    const page = { limit: shownOfTenant, sort: { field: 'at', descending: true }, after: undefined, deleted: false }
    const actions = await listActions(ctx, { log: ctx.tenant.id, operations: ctx.port(staffOperations) }, page, {})
    return { items: actions.slice(0, shownOfTenant) }
  },
})
