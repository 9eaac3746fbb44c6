import { access, constants } from 'node:fs/promises'
import { styleText } from 'node:util'
import { readConfiguration } from '#kernel/config/configuration'
import { Databases } from '#kernel/database/databases'
import { readMigrations } from '#kernel/database/migration-files'
import { migrationState } from '#kernel/database/migrator'
import { refuseUnfitPooler } from '#kernel/database/pooler'
import { verifyCatalogue } from '../catalogue-verification.ts'
import { migrationSources } from '../migrate.ts'
import { platformModules } from '../platform-modules.ts'
import type { Environment } from './environment.ts'
import { print } from './output.ts'
import { findProduct, loadProduct } from './product-file.ts'
import { withEnvironment } from './session.ts'

interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly said: string
  /** The command or setting that mends it. */
  readonly fix?: string
}

const nodeMajorMin = 24

/** `tenantry doctor`: looks at everything a start needs, and names the fix of what is wrong. Exit status 1 when anything is. */
export async function doctor(options: { json?: boolean }): Promise<void> {
  const findings = [
    nodeFinding(),
    await finding(
      'Configuration',
      'Set what is named above; docs/reference/configuration.md lists every variable.',
      async () => `${readConfiguration(process.env).environment}, all settings valid`,
    ),
    await finding(
      'Product',
      'Run this in the project, or name the file in package.json: "tenantry": { "app": "./product/app.ts" }',
      async () => {
        const { name, modules } = await loadProduct(findProduct(process.cwd()))
        return `${name}, ${modules.length} ${modules.length === 1 ? 'module' : 'modules'}`
      },
    ),
    ...(await databaseFindings()),
  ]
  print(findings, options, (all) => all.map(lineOf).join('\n'))
  if (findings.some(({ ok }) => !ok)) process.exitCode = 1
}

function nodeFinding(): Finding {
  const ok = Number(process.versions.node.split('.')[0]) >= nodeMajorMin
  return {
    check: 'Node',
    ok,
    said: process.versions.node,
    ...(ok ? {} : { fix: 'npm start fetches Node 24 for this project alone.' }),
  }
}

async function databaseFindings(): Promise<Finding[]> {
  try {
    return await withEnvironment(async (environment) => [
      await finding('Data folder', 'Give this account the right to write there, or set TENANTRY_DATA.', async () => {
        await access(environment.dataFolder, constants.W_OK)
        return environment.dataFolder
      }),
      await finding('Databases', 'Start PostgreSQL, or correct the URLs.', () => reach(environment)),
      await finding('Pooler', 'Set what is named above.', () => pooled(environment)),
      await finding('Migrations', 'npx tenantry migrate up', () => migrated(environment)),
      await finding(
        'Isolation',
        'Undo what was changed by hand, or put it into a migration and the manifest of its module.',
        async () => {
          const modules = [...platformModules, ...(await loadProduct(environment.place)).modules]
          const { differences, failedCells } = await withDatabases(environment, (databases) =>
            verifyCatalogue(databases, databases.cells, modules),
          )
          const failed = [...failedCells].map(([cell, { message }]) => `cell ${cell}: ${message}`)
          if (differences.length + failed.length > 0) throw new Error([...differences, ...failed].join('\n    '))
          return 'roles, policies and grants are as declared'
        },
      ),
    ])
  } catch (error) {
    return [
      {
        check: 'Databases',
        ok: false,
        said: (error as Error).message,
        fix: 'See the cause above; the log of the embedded PostgreSQL is in the data folder.',
      },
    ]
  }
}

async function reach(environment: Environment): Promise<string> {
  const { embedded, configuration } = environment
  await withDatabases(environment, async ({ control, directory, identity, cells }) => {
    for (const database of [control, directory, identity, ...cells.flatMap(({ serving, relay }) => [serving, relay])]) {
      const connection = await database.connect()
      connection.release(false)
    }
  })
  const where = configuration.database
    ? 'outside PostgreSQL'
    : embedded
      ? 'embedded PostgreSQL, started for this check'
      : 'embedded PostgreSQL of the running start'
  return `${where}, every role can connect`
}

async function pooled({ databases }: Environment): Promise<string> {
  await refuseUnfitPooler(databases)
  return databases.unnamedStatements ? 'statements go unnamed' : 'named statements stay with their connection'
}

async function migrated(environment: Environment): Promise<string> {
  const { modules } = await loadProduct(environment.place)
  const migrations = await readMigrations(migrationSources([...platformModules, ...modules]))
  const readings = await withDatabases(environment, (databases) =>
    Promise.all(databases.sharedTargets().map((target) => migrationState(target, migrations))),
  )
  const states = readings.flatMap((reading) => reading.states)
  const newer = readings.flatMap((reading) => reading.newer)
  const missing = states.filter(({ appliedAt }) => appliedAt === undefined)
  if (missing.length > 0) throw new Error(`${missing.length} of ${states.length} are not applied`)
  return `${states.length} applied${newer.length > 0 ? `, and ${newer.length} of a newer release` : ''}`
}

async function withDatabases<Result>(
  { databases: settings }: Environment,
  work: (databases: Databases) => Promise<Result>,
): Promise<Result> {
  const databases = new Databases(settings)
  try {
    return await work(databases)
  } finally {
    await databases.end()
  }
}

async function finding(check: string, fix: string, look: () => Promise<string>): Promise<Finding> {
  return look().then(
    (said) => ({ check, ok: true, said }),
    (error: Error) => ({ check, ok: false, said: error.message, fix }),
  )
}

function lineOf({ check, ok, said, fix }: Finding): string {
  const mark = ok ? styleText('green', '✓') : styleText('red', '✗')
  return `${mark} ${check.padEnd(14)} ${said}${fix === undefined ? '' : `\n  → ${fix}`}`
}
