import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { operations } from '#client/generated/schema.d.ts'
import { api, required } from '#web/api.ts'
import { queryClient } from '#web/query-client.ts'

export type Report = operations['fleet.read']['responses'][200]['content']['application/json']

/** A run reports four times a second; people follow it at this pace. */
const whileRunningMs = 1_000
/** Somebody may begin a run on the command line. */
const otherwiseMs = 15_000
/** Until a target that is tried again shows as running, or has failed again at once. */
const watchedForMs = 5_000

/** The fleet as a whole, kept up to date: closely while anything runs, and for a while after `watch` was called. */
export function useFleetReport() {
  const [watchedUntilMs, setWatchedUntilMs] = useState(0)
  const paceMs = (report: Report | undefined) =>
    (report?.states.running ?? 0) > 0 || Date.now() < watchedUntilMs ? whileRunningMs : otherwiseMs
  const result = useQuery({
    queryKey: ['staff', 'fleet', 'report'],
    queryFn: async () => required(await api.GET('/api/v1/staff/fleet')),
    refetchInterval: ({ state }) => paceMs(state.data),
  })
  const watch = async () => {
    setWatchedUntilMs(Date.now() + watchedForMs)
    await queryClient.invalidateQueries({ queryKey: ['staff', 'fleet'] })
  }
  return { result, watch, refetchInterval: () => paceMs(result.data) }
}
