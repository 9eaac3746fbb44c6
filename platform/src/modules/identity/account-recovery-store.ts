import type { Session as Statements } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import { hasSecondFactor } from './second-factor-store.ts'

/**
 * Whose recovery may begin, with the link that the hash is of: the account of an address that has a second factor and no
 * recovery under way. One statement for every address, so that none takes longer.
 */
export function requestRecovery(
  db: Statements,
  asked: { email: string; tokenHash: string; now: string },
): Promise<{ userId: string } | undefined> {
  const { email, tokenHash, now } = asked
  return db.first(sql`
    insert into identity.account_recoveries as r (user_id, token_hash, requested_at)
    select u.id, ${tokenHash}, ${now} from identity.users u
    where u.email = ${email} and u.email_verified and ${hasSecondFactor(sql`u.id`)}
    on conflict (user_id) do update set token_hash = excluded.token_hash, requested_at = excluded.requested_at
    where r.due_at is null returning user_id`)
}

/** Whose recovery begins; undefined when the link is unknown, was used, or is older than `requestedAfter`. */
export function beginRecovery(
  db: Statements,
  begun: { tokenHash: string; cancelHash: string; dueAt: string; requestedAfter: string },
): Promise<{ userId: string } | undefined> {
  const { tokenHash, cancelHash, dueAt, requestedAfter } = begun
  return db.first(sql`
    update identity.account_recoveries set token_hash = ${cancelHash}, due_at = ${dueAt}
    where token_hash = ${tokenHash} and due_at is null and requested_at > ${requestedAfter} returning user_id`)
}

/** Whose recovery was cancelled with the link of its notice. */
export function cancelRecoveryByToken(db: Statements, tokenHash: string): Promise<{ userId: string } | undefined> {
  return db.first(sql`
    delete from identity.account_recoveries where token_hash = ${tokenHash} and due_at is not null returning user_id`)
}

/** Whether one had begun that is now no more. */
export async function deleteRecovery(db: Statements, userId: string): Promise<boolean> {
  const deleted = await db.first<{ hadBegun: boolean }>(sql`
    delete from identity.account_recoveries where user_id = ${userId} returning due_at is not null as had_begun`)
  return deleted?.hadBegun ?? false
}

/**
 * Takes recoveries whose time has come, of one person or of at most 500, and with each all that it removes. Of many, those
 * that somebody else works on are left to them; one is waited for.
 */
export async function completeRecoveries(db: Statements, now: string, userId?: string): Promise<string[]> {
  const due = await db.all<{ userId: string }>(sql`
    delete from identity.account_recoveries where user_id in (
      select user_id from identity.account_recoveries
      where due_at <= ${now} and user_id = coalesce(${userId ?? null}, user_id) limit 500
      for update ${userId === undefined ? sql`skip locked` : sql``})
    returning user_id`)
  const userIds = due.map((each) => each.userId)
  if (userIds.length === 0) return userIds
  for (const table of ownedByFactors) await db.change(sql`delete from ${table} where user_id = any(${userIds}::uuid[])`)
  return userIds
}

/** What a recovery removes: second factors, and every session and sign-in that waits. */
const ownedByFactors = [
  sql`identity.passkeys`,
  sql`identity.authenticators`,
  sql`identity.recovery_codes`,
  sql`identity.sessions`,
  sql`identity.pending_sign_ins`,
]

/** Links to begin that nobody opened in time. */
export async function deleteUnopenedRecoveries(db: Statements, requestedBefore: string): Promise<void> {
  await db.change(sql`
    delete from identity.account_recoveries where due_at is null and requested_at <= ${requestedBefore}`)
}
