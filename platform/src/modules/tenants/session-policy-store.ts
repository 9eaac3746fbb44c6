import type { Ctx, SessionPolicy } from '#kernel/context'
import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'

export interface SessionPolicyRecord extends SessionPolicy {
  /** Of the tenant's line in the directory. */
  readonly version: number
}

const columns = sql`mfa_required, idle_timeout_minutes, session_max_hours, version`

/** `lock` holds the line until the commit. */
export function findSessionPolicy(ctx: Ctx, lock?: 'lock'): Promise<SessionPolicyRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from tenants where id = ${ctx.tenant.id} ${lock ? sql`for update` : sql``}`)
}

export function writeSessionPolicy(ctx: Ctx, policy: SessionPolicy): Promise<SessionPolicyRecord | undefined> {
  const { mfaRequired, idleTimeoutMinutes, sessionMaxHours } = policy
  return ctx.db.first(sql`update tenants set mfa_required = ${mfaRequired}, idle_timeout_minutes = ${idleTimeoutMinutes},
      session_max_hours = ${sessionMaxHours}, version = version + 1, updated_at = ${ctx.now}
    where id = ${ctx.tenant.id} returning ${columns}`)
}

/** Whether any tenant of a person asks for a second factor. Read as the control role. */
export async function hasDemandingTenant(control: Session, userId: string): Promise<boolean> {
  const demanding = await control.first(sql`
    select from memberships m join tenants t on t.id = m.tenant_id
    where m.user_id = ${userId} and t.mfa_required and t.state <> 'purged' limit 1`)
  return demanding !== undefined
}
