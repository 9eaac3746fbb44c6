import { noTenant } from '../../platform/src/kernel/database/signed-context.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { rowsOf, type TestDatabases } from '../database.ts'

/** Plants a message of no tenant that was given up, of an event that nobody listens to. Returns its id. */
export async function givenUpMessage({ controlUrl }: Pick<TestDatabases, 'controlUrl'>): Promise<string> {
  const id = newId()
  await rowsOf(
    controlUrl,
    `insert into control.outbox (tenant_id, id, kind, name, payload, actor_kind, actor_id, request_id, created_at,
      available_at, attempts, last_error, failed_at)
    values ($1, $2, 'event', 'nothing.happened', '{}', 'system', $1, 'a test', now(), now(), 12, 'it failed', now())`,
    [noTenant, id],
  )
  return id
}
