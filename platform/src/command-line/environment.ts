import { join, resolve } from 'node:path'
import { type Configuration, readConfiguration } from '#kernel/config/configuration'
import type { DatabasesSettings } from '#kernel/database/databases'
import { prepareServer } from '#kernel/database/prepare'
import { templateOf, urlFor } from '#kernel/database/roles'
import type { Log } from '#kernel/observe/log'
import { BetterAuthProvider, type IdentityProvider, OidcProvider, PasswordHashing } from '#modules/identity'
import type { Mailer } from '#modules/mail'
import { RangeApi } from '../adapters/breached-passwords/range-api.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../adapters/embedded-postgres/embedded-postgres.ts'
import { EmbeddedInbox } from '../adapters/mail/embedded-inbox.ts'
import { SmtpMailer } from '../adapters/mail/smtp-mailer.ts'
import { RedisRateStore } from '../adapters/redis/redis-rate-store.ts'
import { findProduct, type ProductPlace } from './product-file.ts'
import { runningIn } from './running.ts'
import { secretOf } from './secret-file.ts'
import type { Steps } from './steps.ts'

/** What every command works with: where it runs, how it is configured, and the databases it reaches. */
export interface Environment {
  readonly configuration: Configuration
  readonly place: ProductPlace
  readonly dataFolder: string
  readonly databases: DatabasesSettings
  /** Present when this process runs PostgreSQL itself. */
  readonly embedded: EmbeddedPostgres | undefined
}

export const defaultDatabases = { control: 'tenantry_control', cell: 'tenantry_main' }

/**
 * Reads the configuration and finds the databases: an outside PostgreSQL where one is configured, else that of a
 * `tenantry start` in the same data folder, else an embedded one that this process starts and prepares. `start` itself
 * joins nobody: the data folder's lock tells it when another one runs.
 */
export async function openEnvironment(steps: Steps, { joinRunning = true } = {}): Promise<Environment> {
  const configuration = readConfiguration(process.env)
  const place = findProduct(process.cwd())
  const dataFolder = resolve(place.projectFolder, configuration.dataFolder)
  const { secret, database } = configuration
  if (database && secret) {
    const databases = databasesOf(configuration, secret, database)
    return { configuration, place, dataFolder, databases, embedded: undefined }
  }
  const ownSecret = secret ?? (await secretOf(dataFolder))
  const port = joinRunning ? runningIn(dataFolder)?.postgresPort : undefined
  const embedded = port === undefined ? await startPostgres(dataFolder, ownSecret, configuration, steps) : undefined
  const server = embedded?.superuserUrl ?? `postgresql://127.0.0.1:${port}/`
  const databases = databasesOf(configuration, ownSecret, urlsOn(server, ownSecret))
  return { configuration, place, dataFolder, databases, embedded }
}

type Urls = NonNullable<Configuration['database']>

function urlsOn(server: string, secret: string): Urls {
  return {
    ...cellUrlsOn(server, secret, defaultDatabases.cell),
    controlUrl: urlFor(server, { role: 'tenantry_control', secret, database: defaultDatabases.control }),
  }
}

function cellUrlsOn(server: string, secret: string, database: string) {
  return {
    servingUrl: urlFor(server, { role: 'tenantry_serving', secret, database }),
    migratorUrl: urlFor(server, { role: 'tenantry_migrator', secret, database }),
  }
}

function databasesOf(configuration: Configuration, secret: string, urls: Urls): DatabasesSettings {
  const { region, replicaUrl, furtherCells, connectionsMax, unnamedStatements } = configuration
  const replica = replicaUrl === undefined ? {} : { replicaUrl }
  const { controlUrl, servingUrl, migratorUrl } = urls
  const further = furtherCells.map(({ urls: own, ...cell }) => ({
    ...cell,
    ...(own ?? cellUrlsOn(migratorUrl, secret, embeddedDatabaseOf(cell.name))),
  }))
  const cells = [{ name: 'main', region, servingUrl, migratorUrl, ...replica }, ...further] as const
  return { controlUrl, cells, secret, connectionsMax, unnamedStatements }
}

function embeddedDatabaseOf(cell: string): string {
  return `tenantry_cell_${cell.replaceAll('-', '_')}`
}

async function startPostgres(
  dataFolder: string,
  secret: string,
  { furtherCells }: Configuration,
  steps: Steps,
): Promise<EmbeddedPostgres> {
  const start = async () => {
    const embedded = await startEmbeddedPostgres({
      dataFolder: join(dataFolder, 'postgres'),
      onProgress: (text) => steps.note(text),
    })
    const { control: controlDatabase, cell } = defaultDatabases
    for (const cellDatabase of [cell, ...furtherCells.map(({ name }) => embeddedDatabaseOf(name))])
      await prepareServer({
        administratorUrl: embedded.superuserUrl,
        secret,
        ...(cellDatabase === cell ? { controlDatabase } : {}),
        cellDatabase,
        templateDatabase: templateOf(cellDatabase),
      })
    return embedded
  }
  return steps.step('PostgreSQL', start, ({ port }) => `port ${port}`)
}

export function mailerOf({ configuration, dataFolder }: Environment): Mailer {
  const { smtpUrl, from } = configuration.mail
  return smtpUrl === undefined ? new EmbeddedInbox(join(dataFolder, 'inbox')) : new SmtpMailer({ url: smtpUrl, from })
}

/** A server of leaked passwords, where one is named. */
export function breachedPasswordsOf(
  { breachedPasswordsUrl: url }: Configuration,
  log: Log,
): { breachedPasswords?: RangeApi } {
  return url === undefined ? {} : { breachedPasswords: new RangeApi({ url, log }) }
}

/** Nothing where requests are counted in the control database. */
export function rateStoreOf({ redisUrl }: Configuration): { rateStore?: RedisRateStore } {
  return redisUrl === undefined ? {} : { rateStore: new RedisRateStore(redisUrl) }
}

export function identityOf({ oidc }: Configuration): IdentityProvider {
  return oidc ? new OidcProvider(oidc) : new BetterAuthProvider(new PasswordHashing())
}
