import { join, resolve } from 'node:path'
import { type Configuration, readConfiguration } from '#kernel/config/configuration'
import type { DatabasesSettings } from '#kernel/database/databases'
import { prepareServer } from '#kernel/database/prepare'
import { templateOf, urlFor } from '#kernel/database/roles'
import { BetterAuthProvider, type IdentityProvider, OidcProvider, PasswordHashing } from '#modules/identity'
import type { Mailer } from '#modules/mail'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../adapters/embedded-postgres/embedded-postgres.ts'
import { EmbeddedInbox } from '../adapters/mail/embedded-inbox.ts'
import { SmtpMailer } from '../adapters/mail/smtp-mailer.ts'
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
  const { connectionsMax, unnamedStatements, database } = configuration
  const common = { connectionsMax, unnamedStatements }
  if (database && configuration.secret) {
    return {
      configuration,
      place,
      dataFolder,
      databases: { ...database, ...common, secret: configuration.secret },
      embedded: undefined,
    }
  }
  const secret = configuration.secret ?? (await secretOf(dataFolder))
  const port = joinRunning ? runningIn(dataFolder)?.postgresPort : undefined
  const embedded = port === undefined ? await startPostgres(dataFolder, secret, steps) : undefined
  const server = embedded?.superuserUrl ?? `postgresql://127.0.0.1:${port}/`
  const databases = {
    servingUrl: urlFor(server, { role: 'tenantry_serving', secret, database: defaultDatabases.cell }),
    migratorUrl: urlFor(server, { role: 'tenantry_migrator', secret, database: defaultDatabases.cell }),
    controlUrl: urlFor(server, { role: 'tenantry_control', secret, database: defaultDatabases.control }),
    secret,
    ...common,
  }
  return { configuration, place, dataFolder, databases, embedded }
}

async function startPostgres(dataFolder: string, secret: string, steps: Steps): Promise<EmbeddedPostgres> {
  const start = async () => {
    const embedded = await startEmbeddedPostgres({
      dataFolder: join(dataFolder, 'postgres'),
      onProgress: (text) => steps.note(text),
    })
    const { control: controlDatabase, cell: cellDatabase } = defaultDatabases
    const templateDatabase = templateOf(cellDatabase)
    await prepareServer({
      administratorUrl: embedded.superuserUrl,
      secret,
      controlDatabase,
      cellDatabase,
      templateDatabase,
    })
    return embedded
  }
  return steps.step('PostgreSQL', start, ({ port }) => `port ${port}`)
}

export function mailerOf({ configuration, dataFolder }: Environment): Mailer {
  const { smtpUrl, from } = configuration.mail
  return smtpUrl === undefined ? new EmbeddedInbox(join(dataFolder, 'inbox')) : new SmtpMailer({ url: smtpUrl, from })
}

export function identityOf({ oidc }: Configuration): IdentityProvider {
  return oidc ? new OidcProvider(oidc) : new BetterAuthProvider(new PasswordHashing())
}
