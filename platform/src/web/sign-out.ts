import { api } from './api.ts'
import { isConsole } from './door.ts'
import { queryClient } from './query-client.ts'

/** Ends the session, and forgets what was loaded in it. */
export async function signOut(): Promise<void> {
  await api.DELETE('/api/v1/sessions/current')
  queryClient.clear()
  location.assign(isConsole() ? '/sign-in?next=/staff' : '/sign-in')
}
