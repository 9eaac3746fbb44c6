import { list } from '#kernel/operation'
import { id, instant, z } from '#kernel/schema'
import { AuditEvent } from './model.ts'
import { type AuditRow, auditRows } from './store.ts'

export const listAuditEvents = list({
  name: 'audit.list',
  summary: 'List what was done in this organisation, by whom, before and after',
  description:
    'Members, settings and the organisation itself are recorded in one database, its data in another; the list is both, in order of time.',
  http: 'GET /audit-events',
  item: AuditEvent,
  sort: ['-at'],
  filter: {
    actorId: id().optional(),
    resourceId: id().optional(),
    resource: z
      .string()
      .max(50)
      .regex(/^[a-zA-Z]+$/)
      .optional()
      .describe('The kind of record, such as project.'),
    event: z
      .string()
      .max(100)
      .regex(/^[a-zA-Z]+\.[a-zA-Z]+$/)
      .optional(),
    from: instant().optional().describe('The first instant.'),
    until: instant().optional().describe('The instant after the last.'),
  },
  permission: 'audit:read',
  priority: 'export',

  async run(ctx, page, filter) {
    const [here, there] = await Promise.all([
      auditRows(ctx, ctx.db, page, filter),
      auditRows(ctx, ctx.control, page, filter),
    ])
    return merged(here, there, page.sort.descending)
      .slice(0, page.limit + 1)
      .map(withActor)
  },
})

function merged(left: readonly AuditRow[], right: readonly AuditRow[], descending: boolean): AuditRow[] {
  const order = (row: AuditRow) => `${row.at} ${row.id}`
  const sign = descending ? -1 : 1
  return [...left, ...right].toSorted((one, other) => (order(one) < order(other) ? -sign : sign))
}

function withActor({ actorKind, actorId, actorName, resourceKind, resourceId, ...row }: AuditRow) {
  return {
    ...row,
    actor: { kind: actorKind, id: actorId, name: actorName || null },
    resource: { kind: resourceKind, id: resourceId },
  }
}
