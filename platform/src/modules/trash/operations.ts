import { list } from '#kernel/operation'
import { instant } from '#kernel/schema'
import { catalogue } from '#modules/access'
import { ResourceName, TrashedRecord } from './model.ts'
import * as store from './store.ts'
import { trashDays, trashKinds } from './trash.ts'

export const listTrash = list({
  name: 'trash.list',
  summary: 'List what was deleted and can be restored',
  description:
    'Records of every kind, as far as you may restore them. What is part of a deleted record comes back with it and has no entry of its own.',
  http: 'GET /trash',
  item: TrashedRecord,
  sort: ['-deletedAt'],
  filter: {
    resource: ResourceName.optional().describe('One kind of record, such as `project`.'),
    purgedBefore: instant().optional().describe('Only what may be deleted for good by then.'),
  },
  permission: 'trash:read',

  async run(ctx, page, { resource, purgedBefore }) {
    const kinds = trashKinds(ctx).filter((kind) => resource === undefined || kind.resource === resource)
    const wish = { kinds, trashDays: trashDays(ctx), purgedBefore }
    return store.listTrash(ctx, ctx.port(catalogue).resources, page, wish)
  },
})
