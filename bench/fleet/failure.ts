import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type pg from 'pg'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import type { Say } from '../benchmark.ts'
import { type FleetInstallation, writeExtra } from './installation.ts'
import { runFleet } from './runs.ts'

const failsAt = 317
const sleepsFor = 'pg_sleep(600)'

/**
 * A migration that never ends for one tenant: the process is killed there with -9, all others are read meanwhile. Resumed,
 * that tenant fails by bad data; mended and resumed once more, everything is done, and nothing was done twice.
 */
export async function killAndResume(
  started: AsyncDisposableStack,
  installation: FleetInstallation,
  schemas: readonly string[],
  number: number,
  say: Say,
): Promise<Record<string, number>> {
  const { settings, extraFolder, cellUrl } = installation
  const unlucky = schemas[Math.min(failsAt, schemas.length) - 1] as string
  return withClient(cellUrl, async (client) => {
    await client.query(`insert into ${unlucky}.extra_marks values ('slow')`)
    await writeExtra(installation, number, failingFile)
    say(`A run is killed at tenant ${failsAt}`)
    const program = join(import.meta.dirname, 'run-process.ts')
    const order = JSON.stringify({ settings, extraFolder })
    const child = spawn(process.execPath, ['--conditions=source', program, order], { stdio: 'inherit' })
    started.defer(() => void child.kill('SIGKILL'))
    const ended = once(child, 'exit')
    await untilAsleep(client)
    // The mirror follows within a quarter of a second; who is known to have been interrupted is no canary next time.
    await wait(1_000)
    child.kill('SIGKILL')
    await ended
    const doneAtKill = await appliedOnce(client, number)
    const servedMeanwhile = await readAll(
      client,
      schemas.filter((schema) => schema !== unlucky),
    )
    await client.query(`update ${unlucky}.extra_marks set note = 'bad'`)
    say(`Resumed: ${doneAtKill} were done`)
    const resumed = await runFleet(settings, extraFolder)
    assert.deepEqual([resumed.failed, resumed.migrated], [1, schemas.length - doneAtKill - 1])
    await client.query(`delete from ${unlucky}.extra_marks`)
    const mended = await runFleet(settings, extraFolder)
    assert.deepEqual([mended.failed, mended.applied], [0, 1])
    assert.equal(await appliedOnce(client, number), schemas.length)
    return { failsAt, doneAtKill, servedMeanwhile, migratedByResume: resumed.migrated, appliedTwice: 0 }
  })
}

const failingFile = `alter table tasks add column doomed int;
do $$ begin
  if exists (select from extra_marks where note = 'slow') then perform ${sleepsFor}; end if;
  if exists (select from extra_marks where note = 'bad') then raise exception 'bad data'; end if;
end $$;`

async function untilAsleep(client: pg.Client): Promise<void> {
  const asleep = `select from pg_stat_activity where wait_event = 'PgSleep' and position('${sleepsFor}' in query) > 0`
  for (let tries = 0; (await client.query(asleep)).rowCount === 0; tries++) {
    if (tries === 1_200) throw new Error('the run does not come to the tenant at which it is to be killed')
    await wait(100)
  }
}

/** How many schemas have the migration in their ledger. Its primary key holds each once; the column proves that it ran. */
async function appliedOnce(client: pg.Client, number: number): Promise<number> {
  const { rows } = await client.query<{ ledger: number; columns: number }>(
    `select (select count(*)::int from migrations.ledger where module = 'extra' and number = $1 and schema_name like 't\\_%') as ledger,
      (select count(*)::int from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        where a.attname = 'doomed' and c.relname = 'tasks' and n.nspname like 't\\_%') as columns`,
    [number],
  )
  assert.equal(rows[0]?.ledger, rows[0]?.columns, 'the ledger says what is there')
  return rows[0]?.ledger ?? 0
}

async function readAll(client: pg.Client, schemas: readonly string[]): Promise<number> {
  await client.query("set lock_timeout = '1s'")
  for (const schema of schemas) await client.query(`select count(*) from ${schema}.tasks`)
  return schemas.length
}
