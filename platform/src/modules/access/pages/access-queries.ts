import { queryOptions } from '@tanstack/react-query'
import type { operations } from '#client/generated/schema.d.ts'
import { api, required } from '#web/api.ts'

export type Role = operations['roles.list.v2']['responses'][200]['content']['application/json']['items'][number]
export type RolePermission = Role['permissions'][number]
export type Condition = NonNullable<RolePermission['condition']>
export type Clause = Condition[number]
export type PermissionFacts =
  operations['permissions.list']['responses'][200]['content']['application/json']['items'][number]
export type Assignment =
  operations['assignments.list']['responses'][200]['content']['application/json']['items'][number]
export type Team = operations['teams.list']['responses'][200]['content']['application/json']['items'][number]

const pageSize = 100
const itemsMax = 500

interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextCursor: string | null
}

/** Up to 500 items, for choosing and naming them. */
export async function allItems<Item>(
  load: (query: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | null | undefined
  do {
    const page = await load({ limit: pageSize, ...(typeof cursor === 'string' ? { cursor } : {}) })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null && items.length < itemsMax)
  return items
}

export const rolesQuery = (slug: string) =>
  queryOptions({
    queryKey: ['roles', slug, 'all'],
    queryFn: () => allItems(async (query) => required(await api.GET('/api/v2/roles', { params: { query } }))),
  })

export const teamsQuery = (slug: string) =>
  queryOptions({
    queryKey: ['teams', slug, 'all'],
    queryFn: () => allItems(async (query) => required(await api.GET('/api/v1/teams', { params: { query } }))),
  })

/** Every permission of the product; it changes with a release only. */
export const permissionsQuery = queryOptions({
  queryKey: ['permissions'],
  queryFn: async () => required(await api.GET('/api/v1/permissions')).items,
  staleTime: Number.POSITIVE_INFINITY,
})
