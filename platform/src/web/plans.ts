import { useQuery } from '@tanstack/react-query'
import { api, required } from './api.ts'

/** What tenants can agree to, for pages of staff; empty until it is loaded. */
export function usePlans(): readonly { key: string; name: string; weight: number }[] {
  const { data } = useQuery({
    queryKey: ['staff', 'plans'],
    queryFn: async () => required(await api.GET('/api/v1/staff/plans')).items,
  })
  return data ?? []
}
