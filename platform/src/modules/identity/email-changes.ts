import { Failure } from '#kernel/errors/failure'
import { newId } from '#kernel/id'
import { tokenDigest } from '#kernel/token'
import * as changes from './email-change-store.ts'
import { mailTokenInvalid } from './failures.ts'
import type { IdentityContext } from './provider.ts'
import { randomToken } from './random-token.ts'
import { deleteIdleRecoveryCodes } from './second-factor-store.ts'
import * as store from './store.ts'

/**
 * A new address for an account that is kept here. It holds once a link that was mailed to it is opened; for 72 hours a link
 * that was mailed to the old one puts everything back. Every call runs on the transaction that it is given.
 */

const hourMs = 3_600_000
const confirmMs = 24 * hourMs
const undoMs = 72 * hourMs

/** The token to mail to the new address, or undefined, after the same statements, when somebody has that address. */
export async function beginEmailChange(
  { db, now }: IdentityContext,
  asked: { userId: string; sessionId: string; oldEmail: string; newEmail: string },
): Promise<string | undefined> {
  const token = randomToken()
  const expiresAt = later(now, confirmMs)
  await changes.insertEmailChange(db, {
    ...asked,
    id: newId(),
    confirmHash: tokenDigest(token),
    requestedAt: now,
    expiresAt,
  })
  return (await changes.ownerOf(db, asked.newEmail)) === undefined ? token : undefined
}

export interface ConfirmedChange extends changes.EmailChangeRow {
  /** To be mailed to the old address. */
  readonly undoToken: string
  readonly endedSessions: readonly string[]
}

/** Ends all sessions but the one that asked, and voids all links. Fails with `mail_token_invalid`. */
export async function confirmEmailChange({ db, now }: IdentityContext, token: string): Promise<ConfirmedChange> {
  const change = (await changes.lockUnconfirmed(db, tokenDigest(token), now)) ?? invalid()
  const { id, userId, sessionId, oldEmail, newEmail } = change
  await store.lock(db, newEmail)
  // Somebody may have confirmed it as theirs meanwhile; whoever only typed it into a form has no claim.
  if ((await changes.ownerOf(db, newEmail)) !== undefined) invalid()
  await store.deleteUnverifiedUser(db, newEmail)
  if (!(await changes.writeEmail(db, { userId, from: oldEmail, to: newEmail, now }))) invalid()
  const undoToken = randomToken()
  await changes.noteConfirmed(db, { id, undoHash: tokenDigest(undoToken), now, expiresAt: later(now, undoMs) })
  const endedSessions = await store.deleteOtherSessions(db, userId, sessionId)
  await store.deleteMailTokens(db, userId)
  return { ...change, undoToken, endedSessions }
}

/**
 * The old address is back. Whoever changed it knew the password, or sat at an open session: the password holds no more, nor
 * do passkeys and apps that came since, and all sessions end. Fails with `mail_token_invalid`.
 */
export async function undoEmailChange({ db, now }: IdentityContext, token: string): Promise<changes.EmailChangeRow> {
  const change = (await changes.lockUndoable(db, tokenDigest(token), now)) ?? invalid()
  const { userId, oldEmail, requestedAt } = change
  await store.lock(db, oldEmail)
  const owner = await changes.ownerOf(db, oldEmail)
  if (owner !== undefined && owner !== userId) invalid()
  if (owner === undefined) await store.deleteUnverifiedUser(db, oldEmail)
  await changes.writeEmail(db, { userId, to: oldEmail, now })
  await changes.deleteProofsSince(db, userId, requestedAt)
  await deleteIdleRecoveryCodes(db, userId)
  await store.deleteSessions(db, userId)
  await store.deleteMailTokens(db, userId)
  await changes.deleteEmailChanges(db, userId, requestedAt)
  return change
}

function invalid(): never {
  throw new Failure(mailTokenInvalid)
}

function later(instant: string, ms: number): string {
  return new Date(Date.parse(instant) + ms).toISOString()
}
