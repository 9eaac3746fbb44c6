import { queryOptions, useQuery } from '@tanstack/react-query'
import { api, required } from './api.ts'
import { useTenant } from './session.ts'

const flagsQuery = (slug: string) =>
  queryOptions({
    queryKey: ['flags', slug],
    queryFn: async () => required(await api.GET('/api/v1/flags')).items,
    staleTime: 5_000,
  })

/** Whether a flag is on for who is signed in. Undefined: that is not known yet. What cannot be found out is off. */
export function useFlag(key: string): boolean | undefined {
  const { slug } = useTenant()
  const { data, error } = useQuery(flagsQuery(slug))
  if (data) return data.some((flag) => flag.key === key && flag.on)
  return error ? false : undefined
}
