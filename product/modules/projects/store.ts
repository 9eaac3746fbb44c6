import { type Ctx, filterSql, type Page, pageSql, sql, type z } from 'tenantry/kernel'
import type { Project } from './model.ts'

type ProjectRecord = z.infer<typeof Project>
type Changes = { [Field in 'name' | 'description' | 'state' | 'dueOn' | 'teamId']?: ProjectRecord[Field] | undefined }

const columns = sql`id, name, description, state, due_on, team_id, owner_id, created_at, updated_at, deleted_at, version,
  (select count(*) from tasks t where t.tenant_id = p.tenant_id and t.project_id = p.id and t.deleted_at is null) as tasks,
  (select count(*) from tasks t where t.tenant_id = p.tenant_id and t.project_id = p.id and t.deleted_at is null and t.state = 'done') as done_tasks`

const live = sql`deleted_at is null`
const trashed = sql`deleted_at is not null`

export async function listProjects(
  ctx: Ctx,
  page: Page,
  filter: { state?: string | undefined; teamId?: string | undefined; search?: string | undefined },
): Promise<ProjectRecord[]> {
  const conditions = filterSql([
    page.deleted ? trashed : live,
    ctx.visible('p'),
    filter.teamId !== undefined && sql`team_id = ${filter.teamId}`,
    filter.state !== undefined && sql`state = ${filter.state}`,
    Boolean(filter.search?.trim()) && sql`strpos(search_text, ${filter.search?.trim().toLowerCase()}) > 0`,
  ])
  return ctx.db.all(sql`select ${columns} from projects p where tenant_id = ${ctx.tenant.id} ${conditions}
    ${pageSql(page, { updatedAt: 'updated_at', createdAt: 'created_at', name: 'name' })}`)
}

export async function findProject(ctx: Ctx, id: string): Promise<ProjectRecord | undefined> {
  return ctx.db.first(
    sql`select ${columns} from projects p where tenant_id = ${ctx.tenant.id} and id = ${id} and ${live}`,
  )
}

/** Held until the commit, so that what the audit log calls "before" is what the change was made to. */
export async function lockProject(ctx: Ctx, id: string, which: 'live' | 'trashed'): Promise<ProjectRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from projects p where tenant_id = ${ctx.tenant.id} and id = ${id}
    and ${which === 'live' ? live : trashed} for update`)
}

export async function insertProject(
  ctx: Ctx,
  project: Pick<ProjectRecord, 'name' | 'description' | 'state' | 'dueOn' | 'teamId'>,
): Promise<ProjectRecord> {
  const { name, description, state, dueOn, teamId } = project
  const ownerId = ctx.actor.kind === 'person' ? ctx.actor.id : null
  const [record] = await ctx.db.all<ProjectRecord>(sql`
    insert into projects as p (tenant_id, id, name, description, state, due_on, team_id, owner_id, created_at, updated_at)
    values (${ctx.tenant.id}, ${ctx.newId()}, ${name}, ${description}, ${state}, ${dueOn}, ${teamId}, ${ownerId}, ${ctx.now}, ${ctx.now})
    returning ${columns}`)
  return record as ProjectRecord
}

export async function updateProject(ctx: Ctx, before: ProjectRecord, changes: Changes): Promise<ProjectRecord> {
  const { name, description, state, dueOn, teamId } = { ...before, ...changes }
  await ctx.db.change(sql`update projects set name = ${name}, description = ${description}, state = ${state}, due_on = ${dueOn}, team_id = ${teamId},
      version = version + 1, updated_at = ${ctx.now}
    where tenant_id = ${ctx.tenant.id} and id = ${before.id}`)
  return { ...before, name, description, state, dueOn, teamId, version: before.version + 1, updatedAt: ctx.now }
}

export async function hasProject(ctx: Ctx): Promise<boolean> {
  const found = sql`select from projects where tenant_id = ${ctx.tenant.id} and deleted_at is null limit 1`
  return (await ctx.db.first(found)) !== undefined
}
