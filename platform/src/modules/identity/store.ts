import type { SignInFacts } from '#kernel/context'
import type { Session as Statements } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import { Failure } from '#kernel/errors/failure'
import { notFound } from '#kernel/errors/platform-failures'
import { newId } from '#kernel/id'
import { deleteUnopenedRecoveries } from './account-recovery-store.ts'
import type { Profile, SignedInSession } from './model.ts'
import type { Person, ProfileChanges } from './provider.ts'

/** Everything the module asks of schema `identity` beside what Better Auth does through its adapter. */

/** One after the other, until their transactions end, for whoever works on the same address or subject. */
export async function lock(db: Statements, name: string): Promise<void> {
  await db.all(sql`select pg_advisory_xact_lock(hashtextextended(${`identity:${name}`}, 0))`)
}

// Writes that must cost the same whether or not they are to last are made behind a savepoint, and then kept or undone.
export const beginAttempt = (db: Statements) => db.change(sql`savepoint attempt`)
export const keepAttempt = (db: Statements) => db.change(sql`release savepoint attempt`)
export const undoAttempt = (db: Statements) => db.change(sql`rollback to savepoint attempt`)

/** Removes an account that never confirmed its address, so that the address is free. */
export async function deleteUnverifiedUser(db: Statements, email: string): Promise<void> {
  await db.change(sql`
    with gone as (delete from identity.users where email = ${email} and not email_verified returning id)
    delete from identity.verifications using gone where value = gone.id::text`)
}

/** The person of a live session, and when it was last lengthened. */
export function findSession(db: Statements, tokenHash: string, now: string) {
  return db.first<Omit<Person, 'signIn'> & SignInFacts & { refreshedAt: string }>(sql`
    select u.id as user_id, u.email, u.name, u.locale, s.id as session_id, s.updated_at as refreshed_at,
      s.created_at as started_at, greatest(s.created_at, s.seen_at, s.proved_at) as seen_at,
      coalesce(s.proved_at, s.created_at) as proved_at, s.second_factor as has_second_factor,
      s.console as is_console
    from identity.sessions s join identity.users u on u.id = s.user_id
    where s.token_hash = ${tokenHash} and s.expires_at > ${now}`)
}

/** Lengthens a live session from now on, but never beyond its lifetime. */
export async function refreshSession(
  db: Statements,
  session: { tokenHash: string; now: string; idleMs: number; lifetimeMs: number },
): Promise<void> {
  const { tokenHash, now, idleMs, lifetimeMs } = session
  const idleUntil = new Date(Date.parse(now) + idleMs).toISOString()
  await db.change(sql`
    update identity.sessions
    set updated_at = ${now}, expires_at = least(${idleUntil}, created_at + ${lifetimeMs} * interval '1 millisecond')
    where token_hash = ${tokenHash} and expires_at > ${now}`)
}

/** Notes that a session was used, for tenants that limit how long it may be left alone. */
export async function noteSeen(db: Statements, sessionId: string, now: string): Promise<void> {
  await db.change(sql`update identity.sessions set seen_at = ${now} where id = ${sessionId}`)
}

/** Gives a live session another token; undefined when this person has no such session. */
export function renewSession(
  db: Statements,
  session: { userId: string; sessionId: string; tokenHash: string; hasSecondFactor: boolean; now: string },
): Promise<{ createdAt: string } | undefined> {
  const { userId, sessionId, tokenHash, hasSecondFactor, now } = session
  return db.first(sql`
    update identity.sessions set token_hash = ${tokenHash}, proved_at = ${now}, second_factor = ${hasSecondFactor}
    where id = ${sessionId} and user_id = ${userId} and expires_at > ${now} returning created_at`)
}

export function sessionsOf(db: Statements, userId: string, currentId: string | null, now: string) {
  return db.all<SignedInSession>(sql`
    select id, created_at, updated_at as last_seen_at, expires_at, host(address) as address, user_agent,
      console, id is not distinct from ${currentId}::uuid as current
    from identity.sessions where user_id = ${userId} and expires_at > ${now}
    order by updated_at desc, id desc limit 100`)
}

/** How many were ended: 1, or 0 when this person has no such session. */
export function deleteSession(db: Statements, userId: string, sessionId: string): Promise<number> {
  return db.change(sql`delete from identity.sessions where user_id = ${userId} and id = ${sessionId}`)
}

/** All of a person, and sign-ins that wait for a second factor. */
export async function deleteSessions(db: Statements, userId: string): Promise<void> {
  await db.change(sql`delete from identity.sessions where user_id = ${userId}`)
  await db.change(sql`delete from identity.pending_sign_ins where user_id = ${userId}`)
}

export async function deleteOtherSessions(db: Statements, userId: string, sessionId: string): Promise<string[]> {
  const ended = await db.all<{ id: string }>(sql`
    delete from identity.sessions where user_id = ${userId} and id <> ${sessionId} returning id`)
  return ended.map(({ id }) => id)
}

/** Voids every link that was mailed to a person and not used yet. */
export async function deleteMailTokens(db: Statements, userId: string): Promise<void> {
  await db.change(sql`delete from identity.verifications where value = ${userId}`)
}

/** Fails with `resource.not_found` when there is no such person. */
export async function profile(db: Statements, userId: string): Promise<Profile> {
  const found = await db.first<Profile>(sql`
    select id, email, name, locale, created_at from identity.users where id = ${userId}`)
  if (!found) throw new Failure(notFound)
  return found
}

/** Fails with `resource.not_found` when there is no such person. */
export async function updateProfile(
  db: Statements,
  userId: string,
  { name, locale }: ProfileChanges,
  now: string,
): Promise<Profile> {
  const updated = await db.first<Profile>(sql`
    update identity.users
    set name = coalesce(${name ?? null}, name), locale = coalesce(${locale ?? null}, locale), updated_at = ${now}
    where id = ${userId} returning id, email, name, locale, created_at`)
  if (!updated) throw new Failure(notFound)
  return updated
}

/** The person behind a subject of an outside issuer. */
export function findExternalPerson(
  db: Statements,
  issuer: string,
  subject: string,
): Promise<Omit<Person, 'signIn'> | undefined> {
  return db.first<Omit<Person, 'signIn'>>(sql`
    select u.id as user_id, u.email, u.name, u.locale
    from identity.accounts a join identity.users u on u.id = a.user_id
    where a.provider_id = ${issuer} and a.account_id = ${subject}`)
}

/** Whether the account of an address is known to an issuer already. */
export async function isTiedToIssuer(db: Statements, email: string, issuer: string): Promise<boolean> {
  const row = await db.first(sql`
    select a.id from identity.accounts a join identity.users u on u.id = a.user_id
    where u.email = ${email} and a.provider_id = ${issuer}`)
  return row !== undefined
}

/**
 * Ties a subject of an outside issuer to the person with that confirmed address, who is created when there is none.
 * The caller has removed an unconfirmed account of the address before.
 */
export async function createExternalPerson(
  db: Statements,
  external: { issuer: string; subject: string; email: string; name: string; locale: string; now: string },
): Promise<Omit<Person, 'signIn'> | undefined> {
  const { issuer, subject, email, name, locale, now } = external
  return db.first<Omit<Person, 'signIn'>>(sql`
    with person as (
      insert into identity.users (id, email, email_verified, name, locale, created_at, updated_at)
      values (${newId()}, ${email}, true, ${name}, ${locale}, ${now}, ${now})
      on conflict (email) do update set updated_at = excluded.updated_at
      returning id, email, name, locale
    ), account as (
      insert into identity.accounts (id, user_id, provider_id, account_id, created_at, updated_at)
      select ${newId()}, id, ${issuer}, ${subject}, ${now}, ${now} from person
    )
    select id as user_id, email, name, locale from person`)
}

/** Whether a password hash is still the person's, and holds it so until this transaction ends. */
export async function lockPassword(db: Statements, userId: string, passwordHash: string): Promise<boolean> {
  const row = await db.first(sql`
    select id from identity.accounts where user_id = ${userId} and password = ${passwordHash} for share`)
  return row !== undefined
}

/** Starts a counter of throttle.ts afresh. */
export async function resetThrottle(db: Statements, key: string): Promise<void> {
  await db.change(sql`delete from identity.throttles where key = ${key}`)
}

/** Takes one attempt off a counter of throttle.ts. */
export async function easeThrottle(db: Statements, key: string): Promise<void> {
  await db.change(sql`update identity.throttles set points = greatest(points - 1, 0) where key = ${key}`)
}

/** What nobody can use any more: ended sessions, expired links, throttles whose time is over. */
export async function deleteExpired(db: Statements, now: string): Promise<void> {
  await db.change(sql`delete from identity.sessions where expires_at <= ${now}`)
  await db.change(sql`delete from identity.verifications where expires_at <= ${now}`)
  await db.change(sql`delete from identity.pending_sign_ins where expires_at <= ${now}`)
  await db.change(sql`delete from identity.known_devices where seen_at <= ${now}::timestamptz - interval '400 days'`)
  await db.change(sql`delete from identity.email_changes where expires_at <= ${now}`)
  await deleteUnopenedRecoveries(db, new Date(Date.parse(now) - 24 * 3_600_000).toISOString())
  await db.change(sql`delete from identity.used_challenges where expires_at <= ${now}`)
  await db.change(sql`delete from identity.throttles where expire <= ${Date.parse(now)}`)
}

/** A person by confirmed address, as stored (normalised). */
export function findPerson(
  db: Statements,
  email: string,
): Promise<(Pick<Profile, 'email' | 'name' | 'locale'> & { userId: string }) | undefined> {
  return db.first(
    sql`select id as user_id, email, name, locale from identity.users where email = ${email} and email_verified`,
  )
}
