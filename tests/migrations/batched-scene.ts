import assert from 'node:assert/strict'
import { BackgroundBatches, finishBatches, unfinishedBatches } from '../../platform/src/batched-migrations.ts'
import { bridgeSchema, siloName, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { sql } from '../../platform/src/kernel/database/statement.ts'
import type { Module } from '../../platform/src/kernel/module.ts'
import { batchedMigrations, migrate } from '../../platform/src/migrate.ts'
import { systemSession } from '../../platform/src/system-session.ts'
import { rowsOf } from '../database.ts'
import { TestInstallation } from '../installation.ts'
import { until } from '../until.ts'
import { ScratchModule } from './scratch-module.ts'

/** Tenants in pool, schema and database with many projects, and a module that adds a column and fills it in batches. */
export class BatchedScene {
  readonly atlas: TestInstallation
  readonly scratch: ScratchModule
  readonly modules: readonly Module[]

  private constructor(atlas: TestInstallation, scratch: ScratchModule) {
    this.atlas = atlas
    this.scratch = scratch
    this.modules = atlas.installation.modules
  }

  static async make(): Promise<BatchedScene> {
    const scratch = await ScratchModule.make()
    const atlas = await TestInstallation.start({ model: 'silo', modules: [scratch.module] })
    await atlas.foundTenant('pooled', { model: 'pool' })
    await atlas.foundTenant('shared', { model: 'pool' })
    await atlas.foundTenant('bridged', { model: 'bridge' })
    const scene = new BatchedScene(atlas, scratch)
    await scratch.write(
      '0001_mark',
      'alter table projects add column mark text',
      'alter table projects drop column mark',
    )
    await scene.migrate()
    return scene
  }

  migrate() {
    return migrate(this.atlas.databases.settings, this.modules)
  }

  /** Fills the column with what it says of the other columns; where it is left open, it says the name. */
  async writeFill(mark = 'upper(name)'): Promise<void> {
    await this.scratch.writeBatch(
      '0002_fill_mark',
      `-- Some were marked before.
       update projects set mark = ${mark} where tenant_id = $1 and id in (
         select id from projects where tenant_id = $1 and mark is null order by id limit $2)`,
    )
  }

  /** Another change, which follows on the first. */
  async writeSecond(): Promise<void> {
    await this.scratch.writeBatch(
      '0005_lower_marks',
      `update projects set mark = lower(mark) where tenant_id = $1 and id in (
         select id from projects where tenant_id = $1 and mark <> lower(mark) limit $2)`,
    )
  }

  /** The background of another process of the same installation. */
  nextProcess(): BackgroundBatches {
    const { databases } = this.atlas.installation
    return new BackgroundBatches(databases, () => this.batched(), this.atlas.log)
  }

  batched() {
    return batchedMigrations(this.modules)
  }

  async unfinished() {
    return unfinishedBatches(this.atlas.installation.databases, await this.batched())
  }

  async finish() {
    return finishBatches(this.atlas.installation.databases, await this.batched(), () => {})
  }

  /** Rows of the schema in which a tenant's projects are, as superuser. */
  async sql(slug: string, text: (schema: string, tenantId: string) => string): Promise<Record<string, unknown>[]> {
    const { controlUrl, cellUrl } = this.atlas.databases
    const [tenant] = await rowsOf(controlUrl, 'select id, model from control.tenants where slug = $1', [slug])
    assert.ok(tenant, slug)
    const id = String(tenant['id'])
    if (tenant['model'] === 'silo') return rowsOf(urlFor(cellUrl, { database: siloName(id) }), text('pool', id))
    return rowsOf(cellUrl, text(tenant['model'] === 'bridge' ? bridgeSchema(id) : 'pool', id))
  }

  /** `mark` is SQL. */
  async addProjects(slug: string, count: number, { name = 'a project', mark = 'null' } = {}): Promise<void> {
    await this.sql(
      slug,
      (
        schema,
        tenantId,
      ) => `insert into ${schema}.projects (tenant_id, id, name, mark, description, state, created_at, updated_at)
        select '${tenantId}', uuidv7(), '${name}', ${mark}, '', 'planned', now(), now() from generate_series(1, ${count})`,
    )
  }

  /** Whether anybody can connect to a tenant's own database. */
  async letIn(slug: string, allowed: boolean): Promise<void> {
    const { controlUrl, superuserUrl } = this.atlas.databases
    const [tenant] = await rowsOf(controlUrl, 'select id from control.tenants where slug = $1', [slug])
    const database = siloName(String(tenant?.['id']))
    await rowsOf(superuserUrl, `alter database ${database} with allow_connections ${allowed}`)
    if (allowed) await this.#connected(slug)
    else
      await rowsOf(superuserUrl, 'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [
        database,
      ])
  }

  /** A process that could not connect is refused at once for a while, and tries beside it. */
  async #connected(slug: string): Promise<void> {
    const { databases, gates } = this.atlas.installation
    const target = databases.of('tenant', await gates.tenantOf(slug))
    await until('somebody can connect again', () =>
      systemSession(target.database)
        .first(sql`select 1 as one`)
        .then(
          () => true,
          () => false,
        ),
    )
  }

  async marks(slug: string): Promise<{ marked: number; unmarked: number }> {
    const rows = await this.sql(
      slug,
      (schema, tenantId) => `select count(mark)::int as marked, (count(*) - count(mark))::int as unmarked
        from ${schema}.projects where tenant_id = '${tenantId}'`,
    )
    return rows[0] as { marked: number; unmarked: number }
  }

  async stop(): Promise<void> {
    await this.atlas.stop()
    await this.scratch.remove()
  }
}
