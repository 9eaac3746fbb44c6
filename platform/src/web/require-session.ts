import { redirect } from '@tanstack/react-router'
import { ProblemError } from './api.ts'
import { queryClient } from './query-client.ts'
import { meQuery } from './session.ts'

/** Without a session the sign-in page comes first, and leads back to `address`. */
export async function requireSession(address: string): Promise<void> {
  try {
    await queryClient.ensureQueryData(meQuery)
  } catch (error) {
    if (!(error instanceof ProblemError && error.problem.status === 401)) throw error
    throw redirect({ href: `/sign-in?${new URLSearchParams({ next: address })}`, reloadDocument: true })
  }
}
