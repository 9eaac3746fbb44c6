import { setTimeout as wait } from 'node:timers/promises'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'

/** Enough that a list of 20 has a next page and an index to walk. */
const projectsFilled = 500
const tasksPerProject = 4

const emptyTriesMax = 3_000

const projectColumns =
  'tenant_id, id, name, description, state, due_on, team_id, owner_id, created_at, updated_at, deleted_at, version'
const taskColumns =
  'tenant_id, id, project_id, title, notes, state, assignee_id, due_on, created_at, updated_at, deleted_at, version'

/** Gives the tenant ordinary projects with tasks, and copies them into tables of the same shape without row security. */
export async function fillProjects(cellUrl: string, tenantId: string): Promise<void> {
  await withClient(cellUrl, async (client) => {
    await client.query(
      `insert into pool.projects (tenant_id, id, name, description, state, due_on, created_at, updated_at)
        select $1, uuidv7(), 'Project number ' || n, 'What this project is about, in a sentence of ordinary length.', 'onTrack',
          date '2027-01-01' + n, at, at
        from generate_series(1, ${projectsFilled}) n, lateral (select timestamptz '2026-06-01 08:00Z' + n * interval '7 min' as at)`,
      [tenantId],
    )
    await client.query(
      `insert into pool.tasks (tenant_id, id, project_id, title, notes, state, created_at, updated_at)
        select tenant_id, uuidv7(), id, 'Task number ' || n, '', case when n % 2 = 0 then 'done' else 'todo' end, created_at, created_at
        from pool.projects, generate_series(1, ${tasksPerProject}) n where tenant_id = $1`,
      [tenantId],
    )
    await client.query('create schema bare')
    for (const [table, columns] of [
      ['projects', projectColumns],
      ['tasks', taskColumns],
    ]) {
      await client.query(`create table bare.${table} (like pool.${table} including all)`)
      await client.query(`insert into bare.${table} (${columns}) select ${columns} from pool.${table}`)
      await client.query(`vacuum analyze pool.${table}, bare.${table}`)
    }
  })
}

/** The cell database with the tables of the bare side in sight. */
export function bareUrlFor(cellUrl: string): string {
  const url = new URL(cellUrl)
  url.searchParams.set('options', '-c search_path=bare')
  return url.href
}

/** Resolves when every message of the outbox has been carried. */
export async function outboxEmpty(cellUrl: string): Promise<void> {
  await withClient(cellUrl, async (client) => {
    const waiting = async () =>
      (await client.query('select from pool.outbox where done_at is null limit 1')).rowCount !== 0
    for (let tries = 0; await waiting(); tries++) {
      if (tries === emptyTriesMax) throw new Error('the outbox does not empty')
      await wait(20)
    }
  })
}

/** Projects of this name on either side; ours count only with an audit row and a message that was carried. */
export async function createdProjects(cellUrl: string, name: string): Promise<{ ours: number; bare: number }> {
  return withClient(cellUrl, async (client) => {
    const { rows } = await client.query<{ ours: number; bare: number }>(
      `select
        (select count(*)::int from pool.projects p
          join pool.audit_events a on a.tenant_id = p.tenant_id and a.resource_id = p.id and a.event = 'project.created'
          join pool.outbox o on o.tenant_id = a.tenant_id and o.id = a.id and o.done_at is not null
          where p.name = $1) as ours,
        (select count(*)::int from bare.projects where name = $1) as bare`,
      [name],
    )
    return rows[0] as { ours: number; bare: number }
  })
}
