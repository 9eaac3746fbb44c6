import { csvLine } from '#kernel/csv'
import { invalid } from '#kernel/errors/platform-failures'
import { event, list, operation } from '#kernel/operation'
import { z } from '#kernel/schema'
import { exportCursors } from '#modules/audit'
import { Kind, ReviewEntry, ReviewExport } from './model.ts'
import { type ReviewRow, reviewPage, reviewPart } from './store.ts'

const accessReviewExported = event('accessReview.exported', { version: 1 })

export const listReview = list({
  name: 'accessReview.list',
  summary: 'List who may do what here: since when, given by whom, and when it was last used',
  description: 'Every role that a member or a service account was given, and every key. What has ended is there, too.',
  http: 'GET /access-review',
  item: ReviewEntry,
  sort: ['-since', 'name'],
  filter: { kind: Kind.optional() },
  permission: 'accessReview:read',
  run: (ctx, page, { kind }) => reviewPage(ctx, page, kind),
})

/** In one part of an export. */
const exportedAtOnce = 500

export const exportReview = operation({
  name: 'accessReview.export',
  summary: 'Take the access review away, as CSV or as lines of JSON',
  description:
    'The oldest first, 500 entries at a time: put the parts one behind the other. In CSV, a cell that a spreadsheet would take for a formula begins with an apostrophe. Each part that is taken is itself recorded.',
  http: 'GET /access-review/export',
  input: {
    format: z.enum(['csv', 'jsonl']).default('csv'),
    cursor: z.string().max(200).optional().describe('`nextCursor` of the part before.'),
  },
  output: ReviewExport,
  permission: 'accessReview:read',
  priority: 'export',
  errors: [invalid],
  emits: [accessReviewExported],

  async run(ctx, { format, cursor }) {
    const scope = JSON.stringify(['accessReview.export', ctx.tenant.id, format])
    const after = cursor === undefined ? undefined : ctx.port(exportCursors).open(cursor, scope)
    if (cursor !== undefined && after === undefined) ctx.fail(invalid, foreignCursor)
    const rows = await reviewPart(ctx, after, exportedAtOnce + 1)
    const taken = rows.slice(0, exportedAtOnce)
    const last = taken.at(-1)
    ctx.record(accessReviewExported, { resourceId: ctx.tenant.id, after: { format, entries: taken.length } })
    const heads = cursor === undefined && format === 'csv' ? csvLine(columns) : ''
    return {
      content:
        heads + taken.map((row) => (format === 'csv' ? csvLine(cellsOf(row)) : `${JSON.stringify(row)}\n`)).join(''),
      entries: taken.length,
      nextCursor: rows.length > exportedAtOnce && last ? ctx.port(exportCursors).seal(last.id, scope) : null,
    }
  },
})

const foreignCursor = {
  errors: [{ pointer: '#/query/cursor', code: 'cursor', detail: 'It belongs to another export, or to none.' }],
}

const columns = Object.keys(ReviewEntry.shape) as (keyof ReviewRow)[]

function cellsOf(row: ReviewRow): (string | null)[] {
  const texts = { ...row, permissions: row.permissions.join(' '), conditions: conditionsOf(row) }
  return columns.map((column) => texts[column])
}

function conditionsOf({ conditions }: ReviewRow): string {
  return conditions.length === 0 ? '' : JSON.stringify(conditions)
}
