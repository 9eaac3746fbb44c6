import type { Ctx, SessionPolicy } from '#kernel/context'
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
