import type { Session as Statements } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'
import type { Passkey, Transport } from './passkey-model.ts'

export interface PasskeyRow extends Passkey {
  readonly userId: string
  readonly credentialId: string
  readonly publicKey: string
  readonly counter: number
  readonly transports: Transport[]
}

const shown = sql`id, name, created_at, last_used_at`

export function passkeysOf(db: Statements, userId: string): Promise<Passkey[]> {
  return db.all<Passkey>(sql`select ${shown} from identity.passkeys where user_id = ${userId} order by created_at, id`)
}

export function credentialsOf(
  db: Statements,
  userId: string,
): Promise<Pick<PasskeyRow, 'credentialId' | 'transports'>[]> {
  return db.all(sql`
    select credential_id, transports from identity.passkeys where user_id = ${userId} order by created_at, id`)
}

/** Held until this transaction ends: of two answers at the same moment, the second sees the count of the first. */
export function lockPasskey(db: Statements, credentialId: string): Promise<PasskeyRow | undefined> {
  return db.first<PasskeyRow>(sql`
    select ${shown}, user_id, credential_id, public_key, counter, transports
    from identity.passkeys where credential_id = ${credentialId} for update`)
}

/** Undefined when somebody has this very passkey already. */
export function insertPasskey(db: Statements, passkey: Omit<PasskeyRow, 'lastUsedAt'>): Promise<Passkey | undefined> {
  const { id, userId, credentialId, publicKey, counter, transports, name, createdAt } = passkey
  return db.first<Passkey>(sql`
    insert into identity.passkeys (id, user_id, credential_id, public_key, counter, transports, name, created_at)
    values (${id}, ${userId}, ${credentialId}, ${publicKey}, ${counter}, ${transports}::text[], ${name}, ${createdAt})
    on conflict (credential_id) do nothing returning ${shown}`)
}

/** Undefined when this person has no such passkey. */
export function renamePasskey(
  db: Statements,
  { userId, id, name }: { userId: string; id: string; name: string },
): Promise<Passkey | undefined> {
  return db.first<Passkey>(sql`
    update identity.passkeys set name = ${name} where user_id = ${userId} and id = ${id} returning ${shown}`)
}

export function deletePasskey(db: Statements, userId: string, id: string): Promise<Passkey | undefined> {
  return db.first<Passkey>(sql`
    delete from identity.passkeys where user_id = ${userId} and id = ${id} returning ${shown}`)
}

export async function notePasskeyUse(
  db: Statements,
  { id, counter, now }: { id: string; counter: number; now: string },
): Promise<void> {
  await db.change(sql`update identity.passkeys set counter = ${counter}, last_used_at = ${now} where id = ${id}`)
}

/** False when it was answered before: of two answers at the same moment, one is the first. */
export async function useChallenge(
  db: Statements,
  { challengeHash, expiresAt }: { challengeHash: string; expiresAt: string },
): Promise<boolean> {
  const used = await db.change(sql`
    insert into identity.used_challenges (challenge_hash, expires_at) values (${challengeHash}, ${expiresAt})
    on conflict do nothing`)
  return used === 1
}
