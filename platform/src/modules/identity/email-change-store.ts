import type { Session as Statements } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'

export interface EmailChangeRow {
  readonly id: string
  readonly userId: string
  readonly sessionId: string
  readonly oldEmail: string
  readonly newEmail: string
  readonly requestedAt: string
}

/** Takes the place of one that was not confirmed. */
export async function insertEmailChange(
  db: Statements,
  change: EmailChangeRow & { confirmHash: string; expiresAt: string },
): Promise<void> {
  const { id, userId, sessionId, oldEmail, newEmail, requestedAt, confirmHash, expiresAt } = change
  await db.change(sql`delete from identity.email_changes where user_id = ${userId} and confirmed_at is null`)
  await db.change(sql`
    insert into identity.email_changes
      (id, user_id, session_id, old_email, new_email, confirm_hash, requested_at, expires_at)
    values (${id}, ${userId}, ${sessionId}, ${oldEmail}, ${newEmail}, ${confirmHash}, ${requestedAt}, ${expiresAt})`)
}

const columns = sql`id, user_id, session_id, old_email, new_email, requested_at`

/** Held until this transaction ends; as the one below. */
export function lockUnconfirmed(db: Statements, hash: string, now: string): Promise<EmailChangeRow | undefined> {
  return db.first<EmailChangeRow>(sql`
    select ${columns} from identity.email_changes
    where confirm_hash = ${hash} and confirmed_at is null and expires_at > ${now} for update`)
}

export function lockUndoable(db: Statements, hash: string, now: string): Promise<EmailChangeRow | undefined> {
  return db.first<EmailChangeRow>(sql`
    select ${columns} from identity.email_changes where undo_hash = ${hash} and expires_at > ${now} for update`)
}

export async function noteConfirmed(
  db: Statements,
  { id, undoHash, now, expiresAt }: { id: string; undoHash: string; now: string; expiresAt: string },
): Promise<void> {
  await db.change(sql`
    update identity.email_changes set confirmed_at = ${now}, undo_hash = ${undoHash}, expires_at = ${expiresAt}
    where id = ${id}`)
}

/** This change and whatever was changed after it. */
export async function deleteEmailChanges(db: Statements, userId: string, since: string): Promise<void> {
  await db.change(sql`
    delete from identity.email_changes where user_id = ${userId} and requested_at >= ${since}`)
}

/** Whose a confirmed address is. */
export async function ownerOf(db: Statements, email: string): Promise<string | undefined> {
  const row = await db.first<{ id: string }>(sql`
    select id from identity.users where email = ${email} and email_verified`)
  return row?.id
}

/** False when the account has another address by now than `from`; absent: whatever it has. */
export async function writeEmail(
  db: Statements,
  { userId, from, to, now }: { userId: string; from?: string; to: string; now: string },
): Promise<boolean> {
  const written = await db.change(sql`
    update identity.users set email = ${to}, email_verified = true, updated_at = ${now}
    where id = ${userId} and email = coalesce(${from ?? null}, email)`)
  return written === 1
}

/** Whoever took an account over may have made a password and factors of their own: these hold no more. */
export async function deleteProofsSince(db: Statements, userId: string, since: string): Promise<void> {
  await db.change(sql`update identity.accounts set password = null where user_id = ${userId} and password is not null`)
  await db.change(sql`delete from identity.account_recoveries where user_id = ${userId}`)
  await db.change(sql`delete from identity.passkeys where user_id = ${userId} and created_at >= ${since}`)
  await db.change(sql`delete from identity.authenticators where user_id = ${userId} and created_at >= ${since}`)
}
