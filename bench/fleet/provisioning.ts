import pg from 'pg'
import { withClient } from '../../platform/src/kernel/database/prepare.ts'
import { provisionBridge } from '../../platform/src/kernel/database/provision.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { releaseOf } from '../../platform/src/migrate.ts'
import type { Say } from '../benchmark.ts'
import { median } from '../statistics.ts'
import { type FleetInstallation, modules } from './installation.ts'

const tenantsPerRound = 20
/** So many of ours come before one bare schema. */
const oursPerBare = 5

export interface Provisioned {
  /** Schemas of tenants, in the order in which runs come to them. */
  readonly schemas: readonly string[]
  readonly bareSchemas: readonly string[]
  /** ms a tenant, the median of each round. */
  readonly ours: number[]
  readonly bare: number[]
}

/**
 * Founds tenants with a schema each, and schemas that plain `pg` makes of the same files: a connection, one transaction,
 * no ledger, no lock, no check of what came out.
 */
export async function provision(installation: FleetInstallation, count: number, say: Say): Promise<Provisioned> {
  const { databases } = installation
  const release = await releaseOf(modules)
  const files = release.migrations.filter(({ kinds }) => kinds.includes('tenant'))
  const texts = await Promise.all(files.map((file) => file.text('up')))
  const made = { schemas: [] as string[], bareSchemas: [] as string[], ours: [] as number[], bare: [] as number[] }
  const round = { ours: [] as number[], bare: [] as number[] }
  for (let number = 1; number <= count; number++) {
    const id = newId()
    const target = databases.cells[0].migrationTargetOf(id, { cell: 'main', model: 'bridge', version: 1 })
    if (!target) throw new Error('a bridge tenant has no place of its own')
    round.ours.push(await durationMs(() => provisionBridge({ target, release, modules })))
    await enterInDirectory(installation, id, number)
    made.schemas.push(target.schema)
    if (number % oursPerBare === 0) {
      const schema = `bare_${number}`
      round.bare.push(await durationMs(() => makeBareSchema(target.url, schema, texts)))
      made.bareSchemas.push(schema)
    }
    if (number % tenantsPerRound !== 0) continue
    made.ours.push(median(round.ours.splice(0)))
    made.bare.push(median(round.bare.splice(0)))
    if (number % (tenantsPerRound * 5) === 0)
      say(
        `${number} of ${count} tenants: ${made.ours.at(-1)?.toFixed()} ms each, bare ${made.bare.at(-1)?.toFixed()} ms`,
      )
  }
  return made
}

async function makeBareSchema(url: string, schema: string, texts: readonly string[]): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('begin')
    await client.query('set local role tenantry_owner')
    await client.query(`create schema ${schema}`)
    await client.query(`set local search_path = ${schema}, extensions`)
    for (const text of texts) await client.query(text)
    await client.query('commit')
  })
}

async function enterInDirectory({ controlUrl }: FleetInstallation, id: string, number: number): Promise<void> {
  const client = new pg.Client({ connectionString: controlUrl })
  await client.connect()
  await client.query(
    `insert into control.tenants (id, slug, name, state, cell, model, created_at, updated_at)
     values ($1, $2, $2, 'active', 'main', 'bridge', now(), now())`,
    [id, `tenant-${number}`],
  )
  await client.end()
}

export async function durationMs(work: () => Promise<unknown>): Promise<number> {
  const beganAtMs = performance.now()
  await work()
  return performance.now() - beganAtMs
}
