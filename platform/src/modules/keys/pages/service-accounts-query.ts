import { queryOptions } from '@tanstack/react-query'
import type { operations } from '#client/generated/schema.d.ts'
import { api, required } from '#web/api.ts'

export type ServiceAccount = operations['serviceAccounts.read']['responses'][200]['content']['application/json']

/** The first hundred by name, for choosing one. */
export const serviceAccountsQuery = (slug: string) =>
  queryOptions({
    queryKey: ['serviceAccounts', slug, 'all'],
    queryFn: async () =>
      required(await api.GET('/api/v1/service-accounts', { params: { query: { limit: 100 } } })).items,
  })
