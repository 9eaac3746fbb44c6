import { resolve } from 'node:path'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../adapters/embedded-postgres/embedded-postgres.ts'
import { EmbeddedInbox } from '../adapters/mail/embedded-inbox.ts'
import { SmtpMailer } from '../adapters/mail/smtp-mailer.ts'
import { type Configuration, readConfiguration } from '#kernel/config/configuration'
import type { DatabasesSettings } from '#kernel/database/databases'
import { prepareServer } from '#kernel/database/prepare'
import { urlFor } from '#kernel/database/roles'
import { BetterAuthProvider, type IdentityProvider, OidcProvider, PasswordHashing } from '#modules/identity'
import type { Mailer } from '#modules/mail'
import { findProduct, type ProductPlace } from './product-file.ts'
import { secretOf } from './secret-file.ts'
import type { Steps } from './steps.ts'

/** What every command works with: where it runs, how it is configured, and the databases it reaches. */
export interface Environment {
  readonly configuration: Configuration
  readonly place: ProductPlace
  readonly dataFolder: string
  readonly databases: DatabasesSettings
  /** Present when the platform runs PostgreSQL itself. */
  readonly embedded: EmbeddedPostgres | undefined
}

const controlDatabase = 'tenantry_control'
const cellDatabase = 'tenantry_main'

/** Reads the configuration, and starts and prepares the embedded PostgreSQL unless an outside one is configured. */
export async function openEnvironment(steps: Steps): Promise<Environment> {
  const configuration = readConfiguration(process.env)
  const place = findProduct(process.cwd())
  const dataFolder = resolve(place.projectFolder, configuration.dataFolder)
  const { connectionsMax, unnamedStatements, database } = configuration
  if (database && configuration.secret) {
    const databases = { ...database, secret: configuration.secret, connectionsMax, unnamedStatements }
    return { configuration, place, dataFolder, databases, embedded: undefined }
  }
  const secret = configuration.secret ?? (await secretOf(dataFolder))
  const embedded = await steps.step(
    'PostgreSQL',
    () => startEmbeddedPostgres({ dataFolder: resolve(dataFolder, 'postgres'), onProgress: (text) => steps.note(text) }),
    ({ port }) => `port ${port}`,
  )
  const administratorUrl = embedded.superuserUrl
  await prepareServer({ administratorUrl, secret, controlDatabase, cellDatabase })
  const databases = {
    servingUrl: urlFor(administratorUrl, { role: 'tenantry_serving', secret, database: cellDatabase }),
    migratorUrl: urlFor(administratorUrl, { role: 'tenantry_migrator', secret, database: cellDatabase }),
    controlUrl: urlFor(administratorUrl, { role: 'tenantry_control', secret, database: controlDatabase }),
    secret,
    connectionsMax,
    unnamedStatements,
  }
  return { configuration, place, dataFolder, databases, embedded }
}

export function mailerOf({ configuration, dataFolder }: Environment): Mailer {
  const { smtpUrl, from } = configuration.mail
  return smtpUrl === undefined ? new EmbeddedInbox(resolve(dataFolder, 'inbox')) : new SmtpMailer({ url: smtpUrl, from })
}

export function identityOf({ oidc }: Configuration): IdentityProvider {
  return oidc ? new OidcProvider(oidc) : new BetterAuthProvider(new PasswordHashing())
}
