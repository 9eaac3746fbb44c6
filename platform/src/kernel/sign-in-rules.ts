import type { Actor, SessionPolicy } from './context.ts'
import { Failure } from './errors/failure.ts'
import {
  consoleSessionRequired,
  secondFactorRequired,
  sessionTooOld,
  staffSecondFactorRequired,
  stepUpRequired,
  unauthenticated,
} from './errors/platform-failures.ts'

/** What is asked of how a person signed in. Keys, the command line and the platform itself did not, and are not asked. */

const minuteMs = 60_000
const hourMs = 60 * minuteMs
/** A session of the staff console is over after so much idle time, and after a working day. */
const consoleIdleMs = 30 * minuteMs
const consoleMaxMs = 12 * hourMs
/** For so long whoever has just proved a password or a second factor is taken to sit there still. */
const proofHoldsMs = 10 * minuteMs

/**
 * Throws when a tenant wants more of its people's sessions: `tenant.mfa_required`, or `tenant.session_too_old` when it is
 * older, or was left alone for longer, than the tenant allows. `nowMs`: milliseconds since 1970.
 */
export function requireSession(policy: SessionPolicy, { signIn }: Actor, nowMs: number): void {
  if (!signIn) return
  const { mfaRequired, idleTimeoutMinutes, sessionMaxHours } = policy
  if (mfaRequired && !signIn.hasSecondFactor) throw new Failure(secondFactorRequired)
  const isOlder = (since: string, ms: number) => nowMs - Date.parse(since) >= ms
  if (sessionMaxHours !== null && isOlder(signIn.startedAt, sessionMaxHours * hourMs)) throw new Failure(sessionTooOld)
  if (idleTimeoutMinutes !== null && isOlder(signIn.seenAt, idleTimeoutMinutes * minuteMs))
    throw new Failure(sessionTooOld)
}

/**
 * What is asked of staff: a session of the console, begun with a second factor, and neither left alone for 30 minutes nor
 * older than 12 hours. `secondFactor`: 'waived' only for the people of the demo, who have none.
 */
export function requireConsole(
  { sessionId, signIn }: Actor,
  { secondFactor, nowMs }: { secondFactor: 'required' | 'waived'; nowMs: number },
): void {
  if (!signIn) return
  // Tokens of an outside issuer belong to no session of ours.
  if (sessionId !== undefined && !signIn.isConsole) throw new Failure(consoleSessionRequired)
  if (secondFactor === 'required' && !signIn.hasSecondFactor) throw new Failure(staffSecondFactorRequired)
  const isOver =
    nowMs - Date.parse(signIn.seenAt) >= consoleIdleMs || nowMs - Date.parse(signIn.startedAt) >= consoleMaxMs
  if (isOver) throw new Failure(unauthenticated)
}

/** Throws `session.step_up_required` unless a person proved who they are a moment ago. `now`: ISO 8601 UTC. */
export function requireProof({ signIn }: Actor, now: string): void {
  if (signIn && Date.parse(now) - Date.parse(signIn.provedAt) >= proofHoldsMs) throw new Failure(stepUpRequired)
}
