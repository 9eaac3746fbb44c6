import type { Ctx } from '#kernel/context'
import { pageSql } from '#kernel/database/page'
import { empty, sql } from '#kernel/database/statement'
import type { SystemRole } from '#kernel/module'
import type { Page } from '#kernel/operation'

export interface InvitationRecord {
  id: string
  email: string
  role: SystemRole
  /** What whoever invited them calls them. */
  name: string | null
  createdAt: string
  expiresAt: string
  version: number
}

export interface InvitationState extends InvitationRecord {
  invitedBy: string
  acceptedAt: string | null
  revokedAt: string | null
}

const columns = sql`id, email, role, name, created_at, expires_at, version`
const open = sql`accepted_at is null and revoked_at is null`

export async function listOpenInvitations(ctx: Ctx, page: Page): Promise<InvitationRecord[]> {
  return ctx.db.all(sql`select ${columns} from invitations where tenant_id = ${ctx.tenant.id} and ${open}
    ${pageSql(page, { createdAt: 'created_at', email: 'email' })}`)
}

/** Those that were written: for whose address there was no open one. In one order, so that two files wait for each other once. */
export async function insertInvitations(
  ctx: Ctx,
  made: readonly {
    id: string
    email: string
    role: SystemRole
    name: string | null
    tokenDigest: string
    expiresAt: string
  }[],
): Promise<InvitationRecord[]> {
  const column = <Key extends keyof (typeof made)[number]>(key: Key) => made.map((each) => each[key])
  return ctx.db.all(sql`insert into invitations (tenant_id, invited_by, created_at, id, email, role, name, token_digest, expires_at)
    select ${ctx.tenant.id}, ${ctx.actor.id}, ${ctx.now}, * from unnest(${column('id')}::uuid[], ${column('email')}::text[],
      ${column('role')}::text[], ${column('name')}::text[], ${column('tokenDigest')}::text[], ${column('expiresAt')}::timestamptz[]) made (id, email)
    order by email
    on conflict (tenant_id, email) where accepted_at is null and revoked_at is null do nothing returning ${columns}`)
}

/** Which of these addresses, in lower case, are a member's or are invited already. */
export async function knownAddresses(
  ctx: Ctx,
  emails: readonly string[],
): Promise<ReadonlyMap<string, 'member' | 'invited'>> {
  const rows = await ctx.db.all<{ email: string; known: 'member' | 'invited' }>(sql`
    select email, 'invited' as known from invitations where tenant_id = ${ctx.tenant.id} and email = any(${emails}::text[]) and ${open}
    union all select email, 'member' from members where tenant_id = ${ctx.tenant.id} and email = any(${emails}::text[])`)
  return new Map(rows.map(({ email, known }) => [email, known]))
}

/** Gives an open invitation a new token and a new end; the token before it stops working. */
export async function renewInvitation(
  ctx: Ctx,
  id: string,
  tokenDigest: string,
  expiresAt: string,
): Promise<InvitationRecord | undefined> {
  return ctx.db.first(sql`update invitations set token_digest = ${tokenDigest}, expires_at = ${expiresAt}, version = version + 1
    where tenant_id = ${ctx.tenant.id} and id = ${id} and ${open} returning ${columns}`)
}

export async function revokeInvitation(ctx: Ctx, id: string): Promise<InvitationRecord | undefined> {
  return ctx.db.first(sql`update invitations set revoked_at = ${ctx.now}, version = version + 1
    where tenant_id = ${ctx.tenant.id} and id = ${id} and ${open} returning ${columns}`)
}

export async function findInvitation(ctx: Ctx, id: string): Promise<InvitationRecord | undefined> {
  return ctx.db.first(
    sql`select ${columns} from invitations where tenant_id = ${ctx.tenant.id} and id = ${id} and ${open} for update`,
  )
}

/** `lock` holds it until the commit, for whoever accepts it. */
export async function findInvitationByToken(
  ctx: Ctx,
  tokenDigest: string,
  lock?: 'lock',
): Promise<InvitationState | undefined> {
  return ctx.db.first(sql`select ${columns}, invited_by, accepted_at, revoked_at from invitations
    where tenant_id = ${ctx.tenant.id} and token_digest = ${tokenDigest} ${lock ? sql`for update` : empty}`)
}

export async function closeInvitation(ctx: Ctx, id: string): Promise<void> {
  await ctx.db.change(
    sql`update invitations set accepted_at = ${ctx.now}, version = version + 1 where tenant_id = ${ctx.tenant.id} and id = ${id}`,
  )
}

export async function isMemberAddress(ctx: Ctx, email: string): Promise<boolean> {
  return (
    (await ctx.db.first(sql`select id from members where tenant_id = ${ctx.tenant.id} and email = ${email}`)) !==
    undefined
  )
}
