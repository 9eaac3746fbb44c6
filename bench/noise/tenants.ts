import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { type Sql, sql } from '../../platform/src/kernel/database/statement.ts'
import { newId } from '../../platform/src/kernel/id.ts'

export interface Tenants {
  readonly quiet: { readonly tenantId: string; read(): Sql }
  readonly heavy: { readonly tenantId: string; scan(): Sql }
}

const heavyRows = 1_000_000
const quietRows = 500

/** Two tenants in the same table; the heavy one's statement has no index to use and reads all of it. */
export async function fillTenants(cellUrl: string): Promise<Tenants> {
  const [quietId, heavyId] = [newId(), newId()]
  const projectId = await withClient(cellUrl, async (client) => {
    for (const [tenantId, rows] of [
      [quietId, quietRows],
      [heavyId, heavyRows],
    ] as const) {
      await client.query(
        `insert into pool.projects (tenant_id, id, name, description, state, created_at, updated_at)
          select $1, uuidv7(), 'Project number ' || n, 'What this project is about, in a sentence of ordinary length.',
            'onTrack', at, at
          from generate_series(1, $2::int) n, lateral (select timestamptz '2026-06-01 08:00Z' + n * interval '1 s' as at)`,
        [tenantId, rows],
      )
    }
    await client.query('vacuum analyze pool.projects')
    const { rows } = await client.query<{ id: string }>('select id from pool.projects where tenant_id = $1 limit 1', [
      quietId,
    ])
    return rows[0]?.id ?? ''
  })
  return {
    quiet: {
      tenantId: quietId,
      read: () =>
        sql`select id, name, description, state, due_on, created_at, updated_at, deleted_at, version from projects
          where tenant_id = ${quietId} and id = ${projectId} and deleted_at is null`,
    },
    heavy: {
      tenantId: heavyId,
      scan: () => sql`select count(*) from projects where tenant_id = ${heavyId} and description like '%unheard of%'`,
    },
  }
}
