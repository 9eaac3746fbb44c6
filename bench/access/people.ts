import { demoPassword } from '../../platform/src/demo-people.ts'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import type { Servers } from '../http/servers.ts'

export const projectsFilled = 10_000

/** Gives acme 10,000 projects, and makes its viewer a guest who may read three of them. Session cookies, and their ids. */
export async function guestOfThree({
  ours,
  cellUrl,
  tenantId,
}: Servers): Promise<{ owner: string; guest: string; mine: string[] }> {
  const mine = await fill(cellUrl, tenantId)
  const owner = await signIn(ours.url, 'owner@acme.test')
  const ask = async <Answer>(method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${ours.url}/api/v1${path}`, {
      method,
      headers: { cookie: owner, tenant: 'acme', ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
    return (await response.json()) as Answer
  }
  const members = await ask<{ items: { id: string; userId: string; email: string }[] }>('GET', '/members')
  const member = members.items.find(({ email }) => email === 'viewer@acme.test')
  await ask('PATCH', `/members/${member?.id}`, { role: 'guest' })
  const permissions = [{ permission: 'project:read' }]
  const { id: roleId } = await ask<{ id: string }>('POST', '/roles', { name: 'Reader', permissions })
  for (const id of mine) {
    const scope = { kind: 'record', resource: 'project', id }
    await ask('POST', '/assignments', { principalId: member?.userId, roleId, scope })
  }
  return { owner, guest: await signIn(ours.url, 'viewer@acme.test'), mine }
}

/** Returns the ids of three projects from among them. */
async function fill(cellUrl: string, tenantId: string): Promise<string[]> {
  return withClient(cellUrl, async (client) => {
    await client.query(
      `insert into pool.projects (tenant_id, id, name, description, state, created_at, updated_at)
        select $1, uuidv7(), 'Project number ' || n, '', 'onTrack', at, at
        from generate_series(1, $2 - (select count(*) from pool.projects where tenant_id = $1)) n,
          lateral (select timestamptz '2026-01-01 08:00Z' + n * interval '1 min' as at)`,
      [tenantId, projectsFilled],
    )
    const { rows } = await client.query<{ id: string }>(
      'select id from pool.projects where tenant_id = $1 order by md5(id::text) limit 3',
      [tenantId],
    )
    return rows.map(({ id }) => id).toSorted()
  })
}

async function signIn(url: string, email: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: demoPassword }),
  })
  return response.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
}
