import type { Session } from '#kernel/database/session'
import { sql } from '#kernel/database/statement'

/** Tenants that somebody is a member of and that have a place. Read as the control role. */
export function tenantIdsOf(control: Session, userId: string): Promise<{ tenantId: string }[]> {
  return control.all(sql`
    select m.tenant_id from memberships m join tenants t on t.id = m.tenant_id
    where m.user_id = ${userId} and t.state not in ('provisioning', 'purged') order by m.tenant_id`)
}

/** In the tenant's own place. */
export async function writeMemberAddress(
  db: Session,
  { tenantId, userId, email }: { tenantId: string; userId: string; email: string },
): Promise<void> {
  await db.change(sql`
    update members set email = ${email}, version = version + 1
    where tenant_id = ${tenantId} and user_id = ${userId} and email <> ${email}`)
}
