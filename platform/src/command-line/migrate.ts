import { Databases } from '#kernel/database/databases'
import { readMigrations } from '#kernel/database/migration-files'
import { migrateDown, migrationState } from '#kernel/database/migrator'
import { migrate, migrationSources } from '../installation.ts'
import { platformModules } from '../platform-modules.ts'
import { columns, print } from './output.ts'
import { loadProduct, type ProductPlace } from './product-file.ts'
import { withEnvironment } from './session.ts'

interface Step {
  target: string
  migration: string
  direction: string
  ms: number
}

/** `tenantry migrate up`: every target, control first. */
export async function up(options: { json?: boolean }): Promise<void> {
  const steps: Step[] = []
  await withEnvironment(async ({ databases, place }) =>
    migrate(databases, await modulesOf(place), (step) => steps.push(step)),
  )
  print(steps, options, (done) => (done.length === 0 ? 'Everything is up to date.' : stepsText(done)))
}

/** `tenantry migrate down --steps n`: takes the newest migrations of every target back, cells first. */
export async function down(options: { steps: string; yes?: boolean; json?: boolean }): Promise<void> {
  const stepsWanted = Number(options.steps)
  if (!Number.isInteger(stepsWanted) || stepsWanted < 1) {
    throw new Error(`--steps takes a whole number from 1, not "${options.steps}".`)
  }
  if (!options.yes) throw new Error('Taking migrations back can lose data. Repeat with --yes when you mean it.')
  const steps: Step[] = []
  await withTargets(async (databases, migrations) => {
    for (const target of databases.migrationTargets().toReversed()) {
      await migrateDown(target, migrations, stepsWanted, (step) => steps.push(step))
    }
  })
  print(steps, options, stepsText)
}

/** `tenantry migrate status` */
export async function status(options: { json?: boolean }): Promise<void> {
  const states = await withTargets(async (databases, migrations) => {
    const perTarget = databases.migrationTargets().map(async (target) =>
      (await migrationState(target, migrations)).map(({ migration, appliedAt }) => ({
        target: target.name,
        module: migration.module,
        migration: `${String(migration.number).padStart(4, '0')}_${migration.name}`,
        appliedAt: appliedAt ?? null,
      })),
    )
    return (await Promise.all(perTarget)).flat()
  })
  print(states, options, (rows) =>
    columns([
      ['TARGET', 'MODULE', 'MIGRATION', 'APPLIED'],
      ...rows.map((row) => [row.target, row.module, row.migration, row.appliedAt ?? 'no']),
    ]),
  )
}

async function withTargets<Result>(
  work: (databases: Databases, migrations: Awaited<ReturnType<typeof readMigrations>>) => Promise<Result>,
): Promise<Result> {
  return withEnvironment(async ({ place, databases: settings }) => {
    const databases = new Databases(settings)
    const migrations = await readMigrations(migrationSources(await modulesOf(place)))
    try {
      return await work(databases, migrations)
    } finally {
      await databases.end()
    }
  })
}

async function modulesOf(place: ProductPlace) {
  return [...platformModules, ...(await loadProduct(place)).modules]
}

function stepsText(steps: readonly Step[]): string {
  return steps
    .map(
      ({ target, migration, direction, ms }) =>
        `${direction === 'up' ? '↑' : '↓'} ${target}: ${migration}  ${Math.round(ms)} ms`,
    )
    .join('\n')
}
