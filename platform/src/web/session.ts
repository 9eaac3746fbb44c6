import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { api } from './api.ts'

/** Who is signed in. */
export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: async () => required(await api.GET('/api/v1/me')),
  staleTime: 60_000,
})

/** The organisation of this tab, and what one may do there. */
export const tenantQuery = (slug: string) =>
  queryOptions({
    queryKey: ['tenant', slug],
    queryFn: async () => required(await api.GET('/api/v1/tenant', { headers: { Tenant: slug } })),
    staleTime: 30_000,
  })

export const tenantsQuery = queryOptions({
  queryKey: ['tenants'],
  queryFn: async () => required(await api.GET('/api/v1/tenants')),
})

/** The body of a successful answer; failures have been thrown before. */
export function required<Data>({ data }: { data?: Data }): Data {
  if (data === undefined) throw new Error('the answer has no body')
  return data
}

export function useMe() {
  return useSuspenseQuery(meQuery).data
}

export function useTenant() {
  const { tenant } = useParams({ strict: false })
  return useSuspenseQuery(tenantQuery(tenant ?? '')).data
}

/** One question: may I do this here? */
export function useMay(): (permission: string) => boolean {
  const { permissions } = useTenant()
  return (permission) => permissions.includes(permission)
}
