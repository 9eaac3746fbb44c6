import type { Session as Statements } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'

/**
 * Notes a sign-in from a device. True when it is news: the device was not known, and it is not the first one of an account
 * that was made since `newSince`.
 */
export async function noteDevice(
  db: Statements,
  device: { userId: string; deviceHash: string; now: string; newSince: string },
): Promise<boolean> {
  const { userId, deviceHash, now, newSince } = device
  const row = await db.first<{ isNews: boolean }>(sql`
    with noted as (
      insert into identity.known_devices (user_id, device_hash, seen_at) values (${userId}, ${deviceHash}, ${now})
      on conflict (user_id, device_hash) do update set seen_at = excluded.seen_at
      returning xmax = 0 as is_new
    )
    select is_new and (
      exists (select from identity.known_devices where user_id = ${userId})
      or exists (select from identity.users where id = ${userId} and created_at < ${newSince})
    ) as is_news from noted`)
  return row?.isNews ?? false
}
