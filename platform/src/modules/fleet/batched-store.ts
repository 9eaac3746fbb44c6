import type { BatchedMigration } from '#kernel/database/batched-migration'
import type { Database } from '#kernel/database/database'
import { sql } from '#kernel/database/statement'
import { query } from './store.ts'

/** How far a batched migration of this release is. */
export interface BatchProgress {
  readonly module: string
  readonly number: number
  readonly name: string
  /** ISO 8601; null before the first run of `migrate up` that knew it. */
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly tenantsDone: number
  readonly rowsChanged: number
  readonly tenantsFailed: number
  /** Some of those that failed. */
  readonly failures: readonly { readonly tenantId: string; readonly error: string; readonly attempts: number }[]
}

type Migrations = readonly BatchedMigration[]

const errorLengthMax = 2_000
const failuresShownMax = 20

/** Of each, in the same order. One that was begun with another text has not begun. */
export async function batchProgress(control: Database, migrations: Migrations): Promise<BatchProgress[]> {
  const rows = (await batchesExist(control)) ? await progressRows(control, migrations) : []
  return migrations.map(({ module, number, name }) => {
    const row = rows.find((each) => each.module === module && each.number === number)
    return row ?? { module, number, name, ...notBegun }
  })
}

const notBegun = { startedAt: null, finishedAt: null, tenantsDone: 0, rowsChanged: 0, tenantsFailed: 0, failures: [] }

/** Whether the control database has these tables yet: it is itself migrated. */
async function batchesExist(control: Database): Promise<boolean> {
  const rows = await query<{ there: boolean }>(control, sql`select to_regclass('fleet_batches') is not null as there`)
  return rows[0]?.there === true
}

function progressRows(control: Database, migrations: Migrations): Promise<BatchProgress[]> {
  return query(
    control,
    sql`select b.module, b.number, b.name, b.started_at, b.finished_at, b.tenants_done, b.rows_changed,
      f.tenants_failed, f.failures
    from fleet_batches b join unnest(${migrations.map(({ checksum }) => checksum)}::text[]) r (checksum) using (checksum),
    lateral (
      select count(*)::int as tenants_failed, coalesce(json_agg(json_build_object('tenantId', tenant_id, 'error', error,
        'attempts', attempts) order by tenant_id) filter (where nth <= ${failuresShownMax}), '[]') as failures
      from (select *, row_number() over (order by tenant_id) as nth from fleet_batch_tenants t
        where t.module = b.module and t.number = b.number and error is not null) t
    ) f`,
  )
}

/** Notes that they may run, and with `finished` that nobody has rows to change. One whose text was changed begins again. */
export async function beginBatches(control: Database, migrations: Migrations, finished: boolean): Promise<void> {
  for (const { module, number, name, checksum } of migrations) {
    await query(
      control,
      sql`with begun as (
        insert into fleet_batches as b (module, number, name, checksum, started_at, finished_at)
        values (${module}, ${number}, ${name}, ${checksum}, now(), case when ${finished} then now() end)
        on conflict (module, number) do update set name = excluded.name, checksum = excluded.checksum,
          started_at = excluded.started_at, finished_at = excluded.finished_at, tenants_done = 0, rows_changed = 0
        where b.checksum <> excluded.checksum returning module, number
      )
      delete from fleet_batch_tenants t using begun where t.module = begun.module and t.number = begun.number`,
    )
  }
}

/** Those of the tenants whose rows are still to be changed; none when the migration is finished. */
export async function dueAmong(
  control: Database,
  { checksum, module, number }: BatchedMigration,
  tenantIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await query<{ id: string }>(
    control,
    sql`select id from unnest(${tenantIds}::uuid[]) t (id)
    where exists (select from fleet_batches
        where module = ${module} and number = ${number} and checksum = ${checksum} and finished_at is null)
      and not exists (select from fleet_batch_tenants
        where module = ${module} and number = ${number} and tenant_id = t.id and error is null)`,
  )
  return new Set(rows.map(({ id }) => id))
}

export async function noteChanged(control: Database, migration: BatchedMigration, rows: number): Promise<void> {
  const { module, number } = migration
  await query(
    control,
    sql`update fleet_batches set rows_changed = rows_changed + ${rows} where module = ${module} and number = ${number}`,
  )
}

export async function noteDone(control: Database, migration: BatchedMigration, tenantId: string): Promise<void> {
  const { module, number } = migration
  await query(
    control,
    sql`with done as (
      insert into fleet_batch_tenants (module, number, tenant_id, changed_at)
      values (${module}, ${number}, ${tenantId}, now())
      on conflict (module, number, tenant_id) do update set error = null, changed_at = excluded.changed_at
    )
    update fleet_batches set tenants_done = tenants_done + 1 where module = ${module} and number = ${number}`,
  )
}

export async function noteFailed(
  control: Database,
  { module, number }: BatchedMigration,
  tenantId: string,
  error: string,
): Promise<void> {
  await query(
    control,
    sql`insert into fleet_batch_tenants as t (module, number, tenant_id, error, attempts, changed_at)
    values (${module}, ${number}, ${tenantId}, ${error.slice(0, errorLengthMax)}, 1, now())
    on conflict (module, number, tenant_id) do update set error = excluded.error, attempts = t.attempts + 1,
      changed_at = excluded.changed_at`,
  )
}

/** What is known of single tenants is not needed any more. */
export async function finishBatch(control: Database, { module, number }: BatchedMigration): Promise<void> {
  await query(
    control,
    sql`with finished as (
      update fleet_batches set finished_at = now() where module = ${module} and number = ${number} and finished_at is null
      returning module, number
    )
    delete from fleet_batch_tenants t using finished f where t.module = f.module and t.number = f.number`,
  )
}

/** After migrations were taken back: what they made anew would have to be filled anew. */
export async function forgetBatches(control: Database): Promise<void> {
  if (await batchesExist(control)) await query(control, sql`delete from fleet_batches`)
}
