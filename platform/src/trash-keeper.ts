import { Access } from '#kernel/access/access'
import type { Actor } from '#kernel/context'
import { Failure } from '#kernel/errors/failure'
import { notFound, preconditionFailed } from '#kernel/errors/platform-failures'
import { type Operation, type PageOf, requireOperation } from '#kernel/operation'
import type { TrashedRecord, TrashKeeper } from '#modules/trash'
import { system } from './system-session.ts'

type CallIn = (operation: Operation, actor: Actor, input: object, about: { version?: number }) => Promise<unknown>

const pageLimit = 100

/**
 * Deletes for good as people do: by the operation that asks for `<resource>:purge`, with the name typed, and only while
 * the record is as it was seen. In each tenant the platform has the permissions for this and no other.
 */
export function trashKeeperWith(operations: readonly Operation[], call: CallIn): TrashKeeper {
  const listTrash = requireOperation(operations, 'trash.list')
  const purges = new Map(
    operations.flatMap((each) => {
      const [resource = '', action] = each.permission.split(':')
      return action === 'purge' ? [[resource, each] as const] : []
    }),
  )
  const keeper = (tenantId: string, permissions: readonly string[]): Actor => ({
    ...system,
    tenantId,
    access: Access.of(permissions),
  })

  return {
    async *due(tenantId, by) {
      const actor = keeper(tenantId, ['trash:read', ...[...purges.keys()].map((resource) => `${resource}:restore`)])
      let cursor: string | null | undefined
      do {
        const asked = { limit: pageLimit, sort: '-deletedAt', purgedBefore: by, ...(cursor ? { cursor } : {}) }
        const page = (await call(listTrash, actor, asked, {})) as PageOf<TrashedRecord>
        yield* page.items
        cursor = page.nextCursor
      } while (cursor !== null)
    },

    async purge(tenantId, { resource, id, name, version }) {
      const operation = purges.get(resource)
      if (!operation) throw new Error(`no operation deletes a ${resource} for good`)
      try {
        await call(operation, keeper(tenantId, [operation.permission]), { id, confirm: name }, { version })
        return true
      } catch (error) {
        if (error instanceof Failure && (error.kind === notFound || error.kind === preconditionFailed)) return false
        throw error
      }
    },
  }
}
