import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { styleText } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import type { Configuration } from '#kernel/config/configuration'
import { type EffectiveSetting, effectiveSettings } from '#kernel/config/effective-settings'
import { refuseUnfitPooler } from '#kernel/database/pooler'
import type { Product } from '#kernel/module'
import { createLog } from '#kernel/observe/log'
import { EmbeddedInbox } from '../adapters/mail/embedded-inbox.ts'
import { verifyCatalogue } from '../catalogue-verification.ts'
import { ClosedCells } from '../closed-cells.ts'
import { createDemo } from '../demo.ts'
import { demoPassword, demoSignIns } from '../demo-people.ts'
import { Installation } from '../installation.ts'
import { migrate } from '../migrate.ts'
import { registerErrorPages } from '../pages/error-pages.ts'
import { registerInbox } from '../pages/inbox.ts'
import { registerReference } from '../pages/reference.ts'
import { type Served, serve } from '../serve.ts'
import { buildWeb, webIsStale } from '../web/build.ts'
import { registerWeb } from '../web/static.ts'
import { CatalogueDifference } from './catalogue-difference.ts'
import { refuseDemo } from './demo-refusal.ts'
import {
  breachedPasswordsOf,
  type Environment,
  identityOf,
  mailerOf,
  openEnvironment,
  rateStoreOf,
} from './environment.ts'
import { freePort, givenPort } from './free-port.ts'
import { loadProduct } from './product-file.ts'
import { release } from './release.ts'
import { forgetRunning, sayRunning } from './running.ts'
import { Steps } from './steps.ts'

/** `tenantry start`: API, worker and web in one process, until a signal ends it. */
export async function start({ brief = false }: { brief?: boolean }): Promise<void> {
  collectRequestsYoung()
  const steps = brief ? new Steps(() => {}) : new Steps()
  const environment = await openEnvironment(steps, { joinRunning: false })
  try {
    const publicUrl = await serveIn(environment, steps)
    if (brief) new Steps().line(`${styleText('green', '✓')} Server  ${publicUrl}  ${Math.round(performance.now())} ms`)
    else sayWhere(steps, environment, publicUrl)
  } catch (error) {
    await environment.embedded?.stop()
    throw error
  }
}

/**
 * V8 learns during start-up, when everything is there to stay, that what is made in some places lives long, and from then
 * on puts it among the old at once: every request left 2 KB there, which kept more alive, and collecting the young took six
 * times as long. V8 reads this flag anew at each collection, so that setting it late is safe.
 */
function collectRequestsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}

/** Serves until a signal ends it. Returns the URL. */
async function serveIn(environment: Environment, steps: Steps): Promise<string> {
  const { configuration, databases, place, dataFolder } = environment
  const { host, trustedProxies } = configuration
  await refuseUnfitPooler(databases)
  const product = await loadProduct(place)
  const log = openLog(environment)
  const port =
    configuration.environment === 'production'
      ? await givenPort(host, configuration.port)
      : await freePort(host, configuration.port, (text) => steps.note(text))
  const publicUrl = configuration.publicUrl ?? `http://127.0.0.1:${port}`
  const mailer = mailerOf(environment)
  const installation = new Installation({
    product,
    databases,
    identity: identityOf(configuration),
    mailer,
    publicUrl,
    log,
    demo: configuration.demo,
    configuration: inForce(configuration, port, publicUrl),
    outboundLoopback: configuration.outboundLoopback,
    ...(configuration.auditStream ? { auditStream: configuration.auditStream } : {}),
    ...rateStoreOf(configuration),
    ...breachedPasswordsOf(configuration, log),
  })
  const closedCells = new ClosedCells(installation, log)
  const { failedCells } = await steps.step(
    'Migrations',
    () => migrate(databases, installation.modules),
    ({ applied, ahead }) =>
      ahead ? 'a newer release was here: nothing is changed' : applied === 0 ? 'up to date' : `${applied} applied`,
  )
  closedCells.close(failedCells)
  await steps.step(
    'Isolation',
    async () => closedCells.close(await refuseUnlessAsDeclared(installation)),
    () => 'roles, policies and grants are as declared',
  )
  for (const cell of installation.databases.cells)
    if (cell.closedBecause !== undefined) steps.note(`cell ${cell.name} is closed: ${cell.closedBecause}`)
  if (configuration.environment === 'production') await refuseDemo(installation)
  installation.relay.start()
  closedCells.watch()
  installation.batches.start()
  installation.sealing.start()
  installation.streaming.start()
  installation.flags.start()
  const inbox = mailer instanceof EmbeddedInbox ? mailer : undefined
  if (inbox && configuration.demo) await prepareDemo(environment, installation, product, inbox, steps)
  const web = { productName: product.name, productFolder: place.folder, outputFolder: join(dataFolder, 'web') }
  if (await webIsStale(web)) await steps.step('Web', () => buildWeb(web))
  const pages = async (server: Parameters<typeof registerInbox>[0]) => {
    await registerReference(server, { operations: installation.operations, title: product.name })
    await registerErrorPages(server)
    if (inbox) registerInbox(server, inbox)
    const secure = publicUrl.startsWith('https://')
    const production = configuration.environment === 'production'
    await registerWeb(server, { folder: web.outputFolder, secure, demo: configuration.demo, production })
  }
  const served = await serve({ installation, host, port, publicUrl, trustedProxies, log, pages })
  sayRunning(dataFolder, {
    pid: process.pid,
    url: publicUrl,
    postgresPort: environment.embedded?.port,
    startedAt: new Date().toISOString(),
  })
  endOnSignal({ served, closedCells, installation, environment, log })
  return publicUrl
}

/** With what the start has found in place of defaults. */
function inForce({ host, demo }: Configuration, port: number, publicUrl: string): EffectiveSetting[] {
  const found = { HOST: host, PORT: `${port}`, TENANTRY_PUBLIC_URL: publicUrl, TENANTRY_DEMO: `${demo}` }
  return effectiveSettings(process.env, found)
}

/** A policy or grant that is not as declared may be a leak: better no service than that. Gives the cells that could not be looked at. */
async function refuseUnlessAsDeclared({ databases, modules }: Installation): Promise<ReadonlyMap<string, Error>> {
  const open = databases.cells.filter(({ closedBecause }) => closedBecause === undefined)
  const { differences, failedCells } = await verifyCatalogue(databases, open, modules)
  if (differences.length > 0) throw new CatalogueDifference(differences)
  return failedCells
}

/** In production logs go to standard output; beside a person's own terminal they go to a file. */
function openLog({ configuration, dataFolder }: Environment): ReturnType<typeof createLog> {
  const level = configuration.logLevel
  if (configuration.environment === 'production') return createLog({ level, release: release() })
  return createLog({ level, release: release(), file: join(dataFolder, 'tenantry.log') })
}

async function prepareDemo(
  { dataFolder }: Environment,
  installation: Installation,
  product: Product,
  inbox: EmbeddedInbox,
  steps: Steps,
): Promise<void> {
  const done = join(dataFolder, 'demo-created')
  if (existsSync(done)) return
  await steps.step('Demo data', () => createDemo(installation, product, inbox))
  writeFileSync(done, '')
}

function sayWhere(steps: Steps, { configuration, dataFolder }: Environment, publicUrl: string): void {
  steps.blank()
  steps.line(`  Workspace      ${publicUrl}`)
  steps.line(`  Staff console  ${publicUrl}/staff`)
  steps.line(`  API reference  ${publicUrl}/api/v1/docs`)
  if (configuration.mail.smtpUrl === undefined) steps.line(`  Mail inbox     ${publicUrl}/dev/inbox`)
  if (configuration.environment !== 'production') steps.line(`  Components     ${publicUrl}/dev/components`)
  if (configuration.environment !== 'production') steps.line(`  Log            ${join(dataFolder, 'tenantry.log')}`)
  if (configuration.demo) {
    steps.blank()
    steps.line(`  Sign in with password ${demoPassword} as`)
    for (const { email, role } of demoSignIns) steps.line(`    ${email.padEnd(22)} ${role}`)
  }
  steps.blank()
  steps.line(
    '  Next: npx tenantry status · npx tenantry doctor · npx tenantry keys create acme --as owner@acme.test --scope project:read',
  )
  steps.line('  Ctrl-C stops it.')
}

/** The first signal ends everything in order; a second one at once. */
function endOnSignal(parts: {
  served: Served
  closedCells: ClosedCells
  installation: Installation
  environment: Environment
  log: ReturnType<typeof createLog>
}): void {
  const { served, closedCells, installation, environment, log } = parts
  const { embedded, dataFolder } = environment
  let ending = false
  const end = async () => {
    if (ending) process.exit(1)
    ending = true
    await served.close()
    await closedCells.stop()
    await installation.close()
    await embedded?.stop()
    forgetRunning(dataFolder)
    log.flush()
    process.exit(0)
  }
  const endLogged = () => {
    end().catch((error: unknown) => {
      log.error({ error }, 'the shutdown failed')
      process.exit(1)
    })
  }
  process.on('SIGINT', endLogged)
  process.on('SIGTERM', endLogged)
}
