import type { OpenCtx } from '#kernel/context'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'

export interface StaffRecord {
  userId: string
  email: string
  since: string
  appointedBy: string
  reason: string
}

const columns = sql`user_id, email, since, appointed_by, reason`

/** Whether an account belongs to staff; in a session of the identity role. */
export async function isStaff(identity: Session, userId: string): Promise<boolean> {
  return (await identity.first(sql`select user_id from identity.staff where user_id = ${userId}`)) !== undefined
}

export async function listStaff(ctx: OpenCtx): Promise<StaffRecord[]> {
  return ctx.db.all(sql`select ${columns} from identity.staff order by since, user_id limit 500`)
}

export async function findStaff(ctx: OpenCtx, userId: string): Promise<StaffRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from identity.staff where user_id = ${userId}`)
}

/** Undefined when they are staff already. */
export async function insertStaff(
  ctx: OpenCtx,
  person: { userId: string; email: string },
  reason: string,
): Promise<StaffRecord | undefined> {
  return ctx.db.first(sql`insert into identity.staff (user_id, email, since, appointed_by, reason)
    values (${person.userId}, ${person.email}, ${ctx.now}, ${ctx.actor.id}, ${reason})
    on conflict do nothing returning ${columns}`)
}

export async function deleteStaff(ctx: OpenCtx, userId: string): Promise<StaffRecord | undefined> {
  return ctx.db.first(sql`delete from identity.staff where user_id = ${userId} returning ${columns}`)
}
