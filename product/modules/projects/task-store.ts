import { type Ctx, filterSql, type Page, pageSql, sql, type z } from 'tenantry/kernel'
import type { Task } from './model.ts'

type TaskRecord = z.infer<typeof Task>
type Changes = { [Field in 'title' | 'notes' | 'state' | 'assigneeId' | 'dueOn']?: TaskRecord[Field] | undefined }

const columns = sql`id, project_id, title, notes, state, assignee_id, due_on, created_at, updated_at, deleted_at, version`
/** A task in a deleted project is in the trash with it, without being deleted itself. */
const projectIsLive = sql`exists (select from projects p where p.tenant_id = t.tenant_id and p.id = t.project_id and p.deleted_at is null)`

export interface TaskFilter {
  readonly projectId?: string | undefined
  readonly assigneeId?: string | undefined
  readonly state?: string | undefined
}

export async function listTasks(ctx: Ctx, page: Page, filter: TaskFilter): Promise<TaskRecord[]> {
  const conditions = filterSql([
    page.deleted ? sql`deleted_at is not null` : sql`deleted_at is null`,
    projectIsLive,
    ctx.visible('t'),
    filter.projectId !== undefined && sql`project_id = ${filter.projectId}`,
    filter.assigneeId !== undefined && sql`assignee_id = ${filter.assigneeId}`,
    filter.state !== undefined && sql`state = ${filter.state}`,
  ])
  return ctx.db.all(sql`select ${columns} from tasks t where tenant_id = ${ctx.tenant.id} ${conditions}
    ${pageSql(page, { createdAt: 'created_at', updatedAt: 'updated_at', title: 'title' })}`)
}

export async function findTask(ctx: Ctx, id: string): Promise<TaskRecord | undefined> {
  return ctx.db.first(
    sql`select ${columns} from tasks t where tenant_id = ${ctx.tenant.id} and id = ${id} and deleted_at is null and ${projectIsLive}`,
  )
}

export async function lockTask(ctx: Ctx, id: string, which: 'live' | 'trashed'): Promise<TaskRecord | undefined> {
  return ctx.db.first(sql`select ${columns} from tasks t where tenant_id = ${ctx.tenant.id} and id = ${id}
    and ${which === 'live' ? sql`deleted_at is null` : sql`deleted_at is not null`} and ${projectIsLive} for update of t`)
}

export async function insertTask(
  ctx: Ctx,
  task: Pick<TaskRecord, 'projectId' | 'title' | 'notes' | 'state' | 'assigneeId' | 'dueOn'>,
): Promise<TaskRecord> {
  const { projectId, title, notes, state, assigneeId, dueOn } = task
  const [record] = await ctx.db.all<TaskRecord>(sql`
    insert into tasks (tenant_id, id, project_id, title, notes, state, assignee_id, due_on, created_at, updated_at)
    values (${ctx.tenant.id}, ${ctx.newId()}, ${projectId}, ${title}, ${notes}, ${state}, ${assigneeId}, ${dueOn}, ${ctx.now}, ${ctx.now})
    returning ${columns}`)
  return record as TaskRecord
}

export async function updateTask(ctx: Ctx, before: TaskRecord, changes: Changes): Promise<TaskRecord> {
  const { title, notes, state, assigneeId, dueOn } = { ...before, ...changes }
  await ctx.db.change(sql`update tasks set title = ${title}, notes = ${notes}, state = ${state}, assignee_id = ${assigneeId},
      due_on = ${dueOn}, version = version + 1, updated_at = ${ctx.now}
    where tenant_id = ${ctx.tenant.id} and id = ${before.id}`)
  return { ...before, title, notes, state, assigneeId, dueOn, version: before.version + 1, updatedAt: ctx.now }
}
