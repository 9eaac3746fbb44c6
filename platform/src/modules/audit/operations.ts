import type { Ctx } from '#kernel/context'
import { invalid } from '#kernel/errors/platform-failures'
import { list, operation, type Page } from '#kernel/operation'
import { auditExported } from './events.ts'
import { linesOf } from './export.ts'
import { AuditEvent, AuditExport, AuditFilter, ExportCursor, ExportFormat } from './model.ts'
import { exportCursors } from './ports.ts'
import { type AuditRow, auditRows } from './store.ts'

export const listAuditEvents = list({
  name: 'audit.list',
  summary: 'List what was done in this organisation, by whom, before and after',
  description:
    'Members, settings and the organisation itself are recorded in one database, its data in another; the list is both, in order of time.',
  http: 'GET /audit-events',
  item: AuditEvent,
  sort: ['-at'],
  filter: AuditFilter,
  permission: 'audit:read',
  priority: 'export',
  // It is a page, a hundred entries at a time.
  support: 'read',

  async run(ctx, page, filter) {
    return (await rowsOf(ctx, page, filter)).map(withActor)
  },
})

/** In one part of an export. */
const exportedAtOnce = 500

export const exportAuditEvents = operation({
  name: 'audit.export',
  summary: 'Take the audit log away, as CSV or as lines of JSON',
  description:
    'In order of time, 500 entries at a time: put the parts one behind the other. In CSV, a cell that a spreadsheet would take for a formula begins with an apostrophe. Each part that is taken is itself recorded.',
  http: 'GET /audit-events/export',
  input: {
    format: ExportFormat.default('csv'),
    cursor: ExportCursor.optional(),
    ...AuditFilter,
  },
  output: AuditExport,
  permission: 'audit:read',
  priority: 'export',
  errors: [invalid],
  emits: [auditExported],

  async run(ctx, { format, cursor, ...filter }) {
    const asked = Object.entries(filter).toSorted(([one], [other]) => (one < other ? -1 : 1))
    const scope = JSON.stringify(['audit.export', ctx.tenant.id, format, asked])
    const place = cursor === undefined ? undefined : ctx.port(exportCursors).open(cursor, scope)
    if (cursor !== undefined && place === undefined)
      ctx.fail(invalid, {
        errors: [{ pointer: '#/query/cursor', code: 'cursor', detail: 'It belongs to another export, or to none.' }],
      })
    const after = place === undefined ? undefined : (JSON.parse(place) as Page['after'])
    const sort = { field: 'at', descending: false }
    const rows = await rowsOf(ctx, { limit: exportedAtOnce, sort, after, deleted: false }, filter)
    const taken = rows.slice(0, exportedAtOnce)
    const [first, last] = [taken[0], taken.at(-1)]
    const what = { format, ...filter, entries: taken.length, first: first?.at ?? null, last: last?.at ?? null }
    ctx.record(auditExported, { resourceId: ctx.tenant.id, after: what })
    return {
      content: linesOf(taken, format, cursor === undefined),
      entries: taken.length,
      nextCursor: rows.length > exportedAtOnce && last ? nextOf(ctx, last, scope) : null,
    }
  },
})

/** Where the next part begins, for the same export alone. */
function nextOf(ctx: Ctx, { at, id }: AuditRow, scope: string): string {
  return ctx.port(exportCursors).seal(JSON.stringify({ value: at, id }), scope)
}

/** From both databases, one more than the page holds. */
async function rowsOf(ctx: Ctx, page: Page, filter: Parameters<typeof auditRows>[3]): Promise<AuditRow[]> {
  const [here, there] = await Promise.all([
    auditRows(ctx, ctx.db, page, filter),
    auditRows(ctx, ctx.control, page, filter),
  ])
  return merged(here, there, page.sort.descending).slice(0, page.limit + 1)
}

function merged(left: readonly AuditRow[], right: readonly AuditRow[], descending: boolean): AuditRow[] {
  const order = (row: AuditRow) => `${row.at} ${row.id}`
  const sign = descending ? -1 : 1
  return [...left, ...right].toSorted((one, other) => (order(one) < order(other) ? -sign : sign))
}

function withActor({ actorKind, actorId, actorName, onBehalfOf, resourceKind, resourceId, ...row }: AuditRow) {
  return {
    ...row,
    actor: { kind: actorKind, id: actorId, name: actorName || null, onBehalfOf },
    resource: { kind: resourceKind, id: resourceId },
  }
}
