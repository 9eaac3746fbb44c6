import type { Ctx, OpenCtx } from '#kernel/context'
import { filterSql, pageSql } from '#kernel/database/page'
import type { Session } from '#kernel/database/session'
import { type Sql, sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'

export interface SupportRow {
  id: string
  tenantId: string
  staffId: string
  staffName: string
  memberId: string
  memberName: string
  reason: string
  ticket: string
  minutes: number
  askedAt: string
  openedAt: string | null
  endsAt: string | null
  mayWrite: boolean
  raiseReason: string | null
  endedAt: string | null
  endedBy: 'staff' | 'member' | null
}

/** What lets one of the staff in. */
export interface OpenSupportSession {
  readonly tenantId: string
  readonly staffId: string
  readonly memberId: string
  readonly memberName: string
  readonly mayWrite: boolean
  readonly endsAt: string
}

const columns = sql`id, tenant_id, staff_id, staff_name, member_id, member_name, reason, ticket, minutes, asked_at,
  opened_at, ends_at, may_write, raise_reason, ended_at, ended_by`

/** Undefined unless it is open; whether its time has passed the caller looks at by the clock of the rules. */
export async function findOpenSession(control: Session, id: string): Promise<OpenSupportSession | undefined> {
  if (!/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id)) return undefined
  return control.first(sql`select tenant_id, staff_id, member_id, member_name, may_write, ends_at from support_sessions
    where id = ${id} and opened_at is not null and ended_at is null`)
}

export interface SessionFilter {
  readonly tenant?: string | undefined
  readonly state?: 'waiting' | 'open' | 'ended' | undefined
}

export function listSessions(ctx: OpenCtx, page: Page, { tenant, state }: SessionFilter): Promise<SupportRow[]> {
  const conditions = filterSql([
    tenant !== undefined && sql`tenant_id = ${tenant}`,
    state !== undefined && stateSql(state, ctx.now),
  ])
  return ctx.db.all(
    sql`select ${columns} from support_sessions where true ${conditions} ${pageSql(page, { askedAt: 'asked_at' })}`,
  )
}

function stateSql(state: 'waiting' | 'open' | 'ended', now: string): Sql {
  if (state === 'waiting') return sql`(ended_at is null and opened_at is null)`
  if (state === 'open') return sql`(ended_at is null and ends_at > ${now})`
  return sql`(ended_at is not null or ends_at <= ${now})`
}

/** `lock` holds it until the commit, so that two who decide at once decide one after the other. */
export async function findSession(ctx: Ctx, id: string, lock?: 'lock'): Promise<SupportRow | undefined> {
  return ctx.db.first(
    sql`select ${columns} from support_sessions where tenant_id = ${ctx.tenant.id} and id = ${id} ${lock ? sql`for update` : sql``}`,
  )
}

export function insertSession(
  ctx: Ctx,
  asked: { memberId: string; memberName: string; reason: string; ticket: string; minutes: number },
): Promise<SupportRow> {
  const { memberId, memberName, reason, ticket, minutes } = asked
  return written(
    ctx,
    sql`
    insert into support_sessions (id, tenant_id, staff_id, staff_name, member_id, member_name, reason, ticket, minutes, asked_at)
    values (${ctx.newId()}, ${ctx.tenant.id}, ${ctx.actor.id}, ${ctx.actor.name}, ${memberId}, ${memberName}, ${reason},
      ${ticket}, ${minutes}, ${ctx.now})`,
  )
}

/** From now on for its minutes. `approvedBy`: who of the tenant agreed, where it wanted to be asked. */
export function openSession(ctx: Ctx, { id, minutes }: SupportRow, approvedBy: string | null): Promise<SupportRow> {
  const endsAt = new Date(Date.parse(ctx.now) + minutes * 60_000).toISOString()
  return written(
    ctx,
    sql`
    update support_sessions set opened_at = ${ctx.now}, ends_at = ${endsAt}, approved_by = ${approvedBy} where id = ${id}`,
  )
}

export function askToRaise(ctx: Ctx, id: string, reason: string): Promise<SupportRow> {
  return written(ctx, sql`update support_sessions set raise_reason = ${reason} where id = ${id}`)
}

export function raiseSession(ctx: Ctx, id: string, approvedBy: string | null): Promise<SupportRow> {
  return written(
    ctx,
    sql`
    update support_sessions set may_write = true, approved_by = coalesce(${approvedBy}, approved_by) where id = ${id}`,
  )
}

export function endSession(ctx: Ctx, id: string, by: 'staff' | 'member'): Promise<SupportRow> {
  return written(ctx, sql`update support_sessions set ended_at = ${ctx.now}, ended_by = ${by} where id = ${id}`)
}

async function written(ctx: Ctx, change: Sql): Promise<SupportRow> {
  const row = await ctx.db.first<SupportRow>(sql`${change} returning ${columns}`)
  if (!row) throw new Error('there is no such support session')
  return row
}

export interface PolicyRow {
  access: 'never' | 'on_approval' | 'always'
  version: number
}

/** Who never said anything is asked each time. */
export async function findPolicy(ctx: Ctx): Promise<PolicyRow> {
  const row = await ctx.db.first<PolicyRow>(
    sql`select access, version from support_policies where tenant_id = ${ctx.tenant.id}`,
  )
  return row ?? { access: 'on_approval', version: 1 }
}

export async function writePolicy(ctx: Ctx, access: PolicyRow['access']): Promise<PolicyRow | undefined> {
  return ctx.db.first(sql`insert into support_policies (tenant_id, access, version, updated_at)
      values (${ctx.tenant.id}, ${access}, 2, ${ctx.now})
    on conflict (tenant_id) do update set access = excluded.access, updated_at = excluded.updated_at,
      version = support_policies.version + 1
    returning access, version`)
}
