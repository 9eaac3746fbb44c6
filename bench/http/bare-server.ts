import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import pg from 'pg'

/**
 * What Tenantry is compared with: the same three requests by nothing but node:http and pg, with the same SQL, a pool
 * of the same size and named statements. No tenancy, identity, validation, audit, outbox or log.
 */

const { BENCH_DATABASE_URL: connectionString, BENCH_TENANT_ID: tenantId } = process.env
const pool = new pg.Pool({ connectionString, max: 10 })
const listPath = '/api/v1/projects?limit=20'
const pageLength = 20

// What JSON needs: counts as numbers, dates as they are. Instants stay with pg's own parser and Date's toJSON.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)
pg.types.setTypeParser(pg.types.builtins.DATE, String)

const columns = `id, name, description, state, due_on as "dueOn", team_id as "teamId", owner_id as "ownerId",
  (select count(*) from tasks t where t.tenant_id = p.tenant_id and t.project_id = p.id and t.deleted_at is null) as tasks,
  (select count(*) from tasks t where t.tenant_id = p.tenant_id and t.project_id = p.id and t.deleted_at is null and t.state = 'done') as "doneTasks",
  created_at as "createdAt", updated_at as "updatedAt", deleted_at as "deletedAt", version`

async function readProject(id: string, response: ServerResponse): Promise<void> {
  const { rows } = await pool.query({
    name: 'read',
    text: `select ${columns} from projects p where tenant_id = $1 and id = $2 and deleted_at is null`,
    values: [tenantId, id],
  })
  reply(response, rows.length === 0 ? 404 : 200, rows[0])
}

async function listProjects(response: ServerResponse): Promise<void> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'list',
    text: `select ${columns} from projects p where tenant_id = $1 and deleted_at is null
      order by updated_at desc, id desc limit $2`,
    values: [tenantId, pageLength + 1],
  })
  const items = rows.slice(0, pageLength)
  reply(response, 200, { items, nextCursor: rows.length > pageLength ? items.at(-1)?.id : null })
}

async function createProject(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { name } = JSON.parse(await text(request)) as { name: string }
  const now = new Date().toISOString()
  const client = await pool.connect()
  await client.query('begin')
  const { rows } = await client.query({
    name: 'create',
    text: `insert into projects as p (tenant_id, id, name, description, state, due_on, created_at, updated_at)
      values ($1, $2, $3, $4, $5, $6, $7, $8) returning ${columns}`,
    values: [tenantId, randomUUID(), name, '', 'planned', null, now, now],
  })
  await client.query('commit')
  client.release()
  reply(response, 201, rows[0])
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  const json = JSON.stringify(body)
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': Buffer.byteLength(json),
  })
  response.end(json)
}

const server = createServer((request, response) => {
  const { method, url = '' } = request
  const answered =
    method === 'POST'
      ? createProject(request, response)
      : url === listPath
        ? listProjects(response)
        : readProject(url.slice(url.lastIndexOf('/') + 1), response)
  answered.catch((error: unknown) => {
    console.error(error)
    process.exit(1)
  })
})
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
