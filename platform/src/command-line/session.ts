import { join } from 'node:path'
import { createLog } from '#kernel/observe/log'
import { Installation } from '../installation.ts'
import { type Environment, identityOf, mailerOf, openEnvironment } from './environment.ts'
import { loadProduct } from './product-file.ts'
import { release } from './release.ts'
import { runningIn } from './running.ts'
import { Steps } from './steps.ts'

/** Says nothing while a command only reads: its output is for people or programs, not about how it was made. */
const silentSteps = new Steps(() => {})

/** Opens the databases for one command, and closes them, and a PostgreSQL started for it, at its end. */
export async function withEnvironment<Result>(work: (environment: Environment) => Promise<Result>): Promise<Result> {
  const environment = await openEnvironment(silentSteps)
  try {
    return await work(environment)
  } finally {
    await environment.embedded?.stop()
  }
}

/** The same with the product's operations at hand. The relay runs, so that what a command writes also has its effects. */
export async function withInstallation<Result>(
  work: (installation: Installation, environment: Environment) => Promise<Result>,
): Promise<Result> {
  return withEnvironment(async (environment) => {
    const { configuration, databases, place, dataFolder } = environment
    const product = await loadProduct(place)
    const log = createLog({ level: 'error', release: release(), file: join(dataFolder, 'tenantry.log') })
    const publicUrl = configuration.publicUrl ?? runningIn(dataFolder)?.url ?? `http://127.0.0.1:${configuration.port}`
    const installation = new Installation({
      product,
      databases,
      identity: identityOf(configuration),
      mailer: mailerOf(environment),
      publicUrl,
      log,
    })
    installation.relay.start()
    try {
      return await work(installation, environment)
    } finally {
      await installation.close()
    }
  })
}
