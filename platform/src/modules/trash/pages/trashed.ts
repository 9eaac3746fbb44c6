import type { operations } from '#client/generated/schema.d.ts'
import { api, ProblemError, required } from '#web/api.ts'
import type { TrashKind } from '#web/module-pages.ts'
import { modulePages } from '#web/modules.ts'

type Page = operations['trash.list']['responses'][200]['content']['application/json']
export type Trashed = Page['items'][number]

export const kinds: readonly TrashKind[] = modulePages.flatMap(({ trash }) => trash ?? [])

export function kindOf({ resource }: Trashed): TrashKind | undefined {
  return kinds.find((kind) => kind.resource === resource)
}

interface Asked {
  readonly resource?: string
  readonly cursor?: string
  readonly limit: number
}

export async function loadTrash({ resource, cursor, limit }: Asked): Promise<Page> {
  const query = { limit, ...(resource === undefined ? {} : { resource }), ...(cursor === undefined ? {} : { cursor }) }
  return required(await api.GET('/api/v1/trash', { params: { query } }))
}

const atOnceMax = 1_000

/** All pages, for choosing everything; the first thousand. */
export async function loadAllTrash(filter: Pick<Asked, 'resource'>): Promise<Trashed[]> {
  const all: Trashed[] = []
  let cursor: string | null | undefined
  do {
    const page = await loadTrash({ ...filter, limit: 100, ...(typeof cursor === 'string' ? { cursor } : {}) })
    all.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null && all.length < atOnceMax)
  return all
}

export function isNameTaken(error: unknown): boolean {
  return error instanceof ProblemError && error.problem.code === 'trash.name_taken'
}
