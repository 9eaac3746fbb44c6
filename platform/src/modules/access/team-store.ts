import type { Ctx } from '#kernel/context'
import { pageSql } from '#kernel/database/page'
import { sql } from '#kernel/database/statement'
import type { Page } from '#kernel/operation'
import { looksLike } from './name-store.ts'

export interface TeamRecord {
  id: string
  name: string
  description: string
  members: number
  createdAt: string
  updatedAt: string
  version: number
}

export interface TeamMemberRecord {
  principalId: string
  isLead: boolean
  addedAt: string
}

const columns = sql`t.id, t.name, t.description, t.created_at, t.updated_at, t.version,
  (select count(*)::int from team_members m where m.tenant_id = t.tenant_id and m.team_id = t.id) as members`

export async function listTeams(ctx: Ctx, page: Page): Promise<TeamRecord[]> {
  return ctx.db.all(
    sql`select ${columns} from teams t where tenant_id = ${ctx.tenant.id} ${pageSql(page, { name: 'name', createdAt: 'created_at' })}`,
  )
}

export async function findTeam(ctx: Ctx, id: string): Promise<TeamRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from teams t where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}

/** Held until the commit, so that it is still there when something is given to it. */
export async function isTeam(ctx: Ctx, id: string): Promise<boolean> {
  const found = sql`select id from teams where tenant_id = ${ctx.tenant.id} and id = ${id} for share`
  return (await ctx.db.first(found)) !== undefined
}

/** Held until the commit. */
export async function lockTeam(ctx: Ctx, id: string): Promise<TeamRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from teams t where tenant_id = ${ctx.tenant.id} and id = ${id} for update`)
}

/** Undefined when the name is taken, or looks like another one. */
export async function insertTeam(
  ctx: Ctx,
  { name, description }: { name: string; description: string },
): Promise<TeamRecord | undefined> {
  return ctx.db.first(sql`insert into teams as t (tenant_id, id, name, description, created_at, updated_at)
    select ${ctx.tenant.id}, ${ctx.newId()}, ${name}, ${description}, ${ctx.now}, ${ctx.now}
    where not exists (select from teams o where o.tenant_id = ${ctx.tenant.id} and ${looksLike(sql`o.name`, name)})
    on conflict (tenant_id, name) do nothing returning ${columns}`)
}

/** Undefined when another team has the name, or one that looks like it. */
export async function updateTeam(
  ctx: Ctx,
  id: string,
  { name, description }: { name: string; description: string },
): Promise<TeamRecord | undefined> {
  return ctx.db.first(sql`update teams t set name = ${name}, description = ${description}, version = version + 1, updated_at = ${ctx.now}
    where tenant_id = ${ctx.tenant.id} and id = ${id}
      and not exists (select from teams o where o.tenant_id = ${ctx.tenant.id} and ${looksLike(sql`o.name`, name)} and o.id <> ${id})
    returning ${columns}`)
}

export async function deleteTeam(ctx: Ctx, id: string): Promise<void> {
  await ctx.db.change(sql`delete from teams where tenant_id = ${ctx.tenant.id} and id = ${id}`)
}

export async function listTeamMembers(ctx: Ctx, teamId: string): Promise<TeamMemberRecord[]> {
  return ctx.db.all(sql`select principal_id, is_lead, added_at from team_members where tenant_id = ${ctx.tenant.id} and team_id = ${teamId}
    order by is_lead desc, added_at, principal_id limit 1000`)
}

/** `lock` holds it until the commit. */
export async function lockTeamMember(
  ctx: Ctx,
  teamId: string,
  principalId: string,
): Promise<TeamMemberRecord | undefined> {
  return ctx.db.first(sql`select principal_id, is_lead, added_at from team_members where tenant_id = ${ctx.tenant.id}
    and team_id = ${teamId} and principal_id = ${principalId} for update`)
}

/** Undefined when they are in it already. */
export async function insertTeamMember(
  ctx: Ctx,
  teamId: string,
  { principalId, isLead }: { principalId: string; isLead: boolean },
): Promise<TeamMemberRecord | undefined> {
  return ctx.db.first(sql`insert into team_members (tenant_id, team_id, principal_id, is_lead, added_at)
    values (${ctx.tenant.id}, ${teamId}, ${principalId}, ${isLead}, ${ctx.now}) on conflict do nothing
    returning principal_id, is_lead, added_at`)
}

export async function updateTeamMember(ctx: Ctx, teamId: string, principalId: string, isLead: boolean): Promise<void> {
  await ctx.db.change(sql`update team_members set is_lead = ${isLead} where tenant_id = ${ctx.tenant.id} and team_id = ${teamId}
    and principal_id = ${principalId}`)
}

export async function deleteTeamMember(ctx: Ctx, teamId: string, principalId: string): Promise<void> {
  await ctx.db.change(
    sql`delete from team_members where tenant_id = ${ctx.tenant.id} and team_id = ${teamId} and principal_id = ${principalId}`,
  )
}
