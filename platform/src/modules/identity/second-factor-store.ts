import type { Session as Statements } from '#kernel/database/session'
import { type Sql, sql } from '#kernel/database/statement'

/** Authenticator apps, recovery codes, and sign-ins that wait for one of them or for a passkey (passkey-store.ts). */

export interface AuthenticatorRow {
  /** Sealed. */
  secret: string
  confirmedAt: string | null
  createdAt: string
}

/** `lock`: nobody else changes it until this transaction ends. */
export function findAuthenticator(
  db: Statements,
  userId: string,
  lock?: 'lock',
): Promise<AuthenticatorRow | undefined> {
  return db.first(sql`select secret, confirmed_at, created_at from identity.authenticators where user_id = ${userId}
    ${lock ? sql`for update` : sql``}`)
}

/** Takes the place of one that was never confirmed. False when there is a confirmed one. */
export async function writeAuthenticator(
  db: Statements,
  { userId, secret, now }: { userId: string; secret: string; now: string },
): Promise<boolean> {
  const written = await db.change(sql`
    insert into identity.authenticators as a (user_id, secret, created_at) values (${userId}, ${secret}, ${now})
    on conflict (user_id) do update set secret = excluded.secret, created_at = excluded.created_at, last_step = 0
    where a.confirmed_at is null`)
  return written === 1
}

export async function confirmAuthenticator(db: Statements, userId: string, now: string): Promise<void> {
  await db.change(sql`update identity.authenticators set confirmed_at = ${now} where user_id = ${userId}`)
}

/** False when a code of this time step, or of a later one, was used before: of two at the same moment, one is the first. */
export async function useTimeStep(db: Statements, userId: string, step: number): Promise<boolean> {
  const used = await db.change(sql`
    update identity.authenticators set last_step = ${step} where user_id = ${userId} and last_step < ${step}`)
  return used === 1
}

/** A condition: whether the person whose id this is has a second factor. */
export function hasSecondFactor(userId: Sql): Sql {
  return sql`(exists (select from identity.authenticators a where a.user_id = ${userId} and a.confirmed_at is not null)
    or exists (select from identity.passkeys p where p.user_id = ${userId}))`
}

/** Since when somebody has an app, how many passkeys and since when, and how many codes are left. */
export async function factorsOf(db: Statements, userId: string): Promise<FactorRow> {
  const row = await db.first<FactorRow>(sql`
    select (select confirmed_at from identity.authenticators where user_id = ${userId}) as authenticator_at,
      (select count(*)::int from identity.passkeys where user_id = ${userId}) as passkeys,
      (select min(created_at) from identity.passkeys where user_id = ${userId}) as passkey_at,
      (select count(*)::int from identity.recovery_codes where user_id = ${userId}) as recovery_codes_left`)
  return row ?? { authenticatorAt: null, passkeys: 0, passkeyAt: null, recoveryCodesLeft: 0 }
}

export interface FactorRow {
  readonly authenticatorAt: string | null
  readonly passkeys: number
  readonly passkeyAt: string | null
  readonly recoveryCodesLeft: number
}

/** False when there is none that is confirmed. */
export async function deleteAuthenticator(db: Statements, userId: string): Promise<boolean> {
  const deleted = await db.change(sql`
    delete from identity.authenticators where user_id = ${userId} and confirmed_at is not null`)
  return deleted === 1
}

/** Codes stand in for a second factor: without one they would be a way in that nobody looks after. */
export async function deleteIdleRecoveryCodes(db: Statements, userId: string): Promise<void> {
  await db.change(sql`
    delete from identity.recovery_codes where user_id = ${userId}
    and not ${hasSecondFactor(sql`${userId}::uuid`)}`)
}

export async function replaceRecoveryCodes(db: Statements, userId: string, hashes: readonly string[]): Promise<void> {
  await db.change(sql`delete from identity.recovery_codes where user_id = ${userId}`)
  await db.change(sql`
    insert into identity.recovery_codes (code_hash, user_id) select unnest(${hashes}::text[]), ${userId}::uuid`)
}

/** False when there is no such code, or no more. */
export async function useRecoveryCode(db: Statements, userId: string, hash: string): Promise<boolean> {
  const used = await db.change(sql`
    delete from identity.recovery_codes where user_id = ${userId} and code_hash = ${hash}`)
  return used === 1
}

/** Turns a session just begun into a sign-in that waits, when its person has a second factor; says whether it did. */
export async function holdSession(
  db: Statements,
  { sessionId, now, until }: { sessionId: string; now: string; until: string },
): Promise<boolean> {
  const held = await db.change(sql`
    with held as (
      delete from identity.sessions s where s.id = ${sessionId} and ${hasSecondFactor(sql`s.user_id`)}
      returning s.user_id, s.token_hash
    )
    insert into identity.pending_sign_ins (token_hash, user_id, created_at, expires_at)
    select token_hash, user_id, ${now}, ${until} from held`)
  return held === 1
}

/** Whose sign-in waits under a token; it may be too late for it. */
export async function findPendingSignIn(db: Statements, tokenHash: string): Promise<string | undefined> {
  const row = await db.first<{ userId: string }>(sql`
    select user_id from identity.pending_sign_ins where token_hash = ${tokenHash}`)
  return row?.userId
}

/** Ends the waiting; false when it is over, or a new password was set since. */
export async function takePendingSignIn(
  db: Statements,
  { userId, tokenHash, now }: { userId: string; tokenHash: string; now: string },
): Promise<boolean> {
  // A reset that is under way changes this row first, and then ends all sign-ins that wait.
  await db.all(sql`select id from identity.accounts where user_id = ${userId} for share`)
  const taken = await db.change(sql`
    delete from identity.pending_sign_ins
    where token_hash = ${tokenHash} and user_id = ${userId} and expires_at > ${now}`)
  return taken === 1
}
