import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import type { operations } from '#client/generated/schema.d.ts'
import { api, required } from './api.ts'

type Members = operations['members.list']['responses'][200]['content']['application/json']['items']

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

const membersMax = 500

/** Who is a member of the organisation, for choosing and naming people; the first 500 by name. */
export const membersQuery = (slug: string) =>
  queryOptions({
    queryKey: ['members', slug, 'all'],
    queryFn: async () => {
      const members: Members = []
      let cursor: string | null | undefined
      do {
        const query = { limit: 100, ...(typeof cursor === 'string' ? { cursor } : {}) }
        const page = required(await api.GET('/api/v1/members', { params: { query } }))
        members.push(...page.items)
        cursor = page.nextCursor
      } while (cursor !== null && members.length < membersMax)
      return members
    },
  })

export function useMe() {
  return useSuspenseQuery(meQuery).data
}

export function useTenant() {
  const { tenant } = useParams({ strict: false })
  return useSuspenseQuery(tenantQuery(tenant ?? '')).data
}

/** May I do this to anything here at all? For what leads to a list, which shows what I may see of it. */
export function useMaySomewhere(): (permission: string) => boolean {
  const { somewhere } = useTenant()
  return (permission) => somewhere.includes(permission)
}

/** One question: may I do this here? */
export function useMay(): (permission: string) => boolean {
  const { permissions } = useTenant()
  return (permission) => permissions.includes(permission)
}
