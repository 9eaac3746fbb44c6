import { Command, Option } from 'commander'
import { ConfigurationError } from '#kernel/config/configuration'
import { MigrationRefused } from '#kernel/database/migration-ledger'
import { Failure } from '#kernel/errors/failure'
import { EmbeddedPostgresError } from './adapters/embedded-postgres/embedded-postgres-error.ts'
import { CatalogueDifference } from './command-line/catalogue-difference.ts'
import { databaseFailure } from './command-line/database-failure.ts'
import { release } from './command-line/release.ts'

/** The command line. Each command's code is loaded when it is called, so that `--help` answers at once. */
const program = new Command('tenantry')
  .description('The platform under a business SaaS product.')
  .version(release())
  .showSuggestionAfterError()
  .showHelpAfterError('(add --help for what a command takes)')
  .enablePositionalOptions()

const json = ['--json', 'print JSON for programs'] as const
const example = (words: string) => ['after', `\nExample:\n  npx tenantry ${words}`] as const

program
  .command('start')
  .description('set everything up, then serve API, worker and web until Ctrl-C')
  .option('--brief', 'say no more than that it serves, and where')
  .addHelpText('after', '\nExample:\n  PORT=4000 TENANTRY_DATA=../data npx tenantry start')
  .action(async (options) => (await import('./command-line/start.ts')).start(options))

program
  .command('dev')
  .description('start, and serve anew after each change of a source')
  .addHelpText(
    'after',
    '\nA change of what the server reads starts it again; a change of pages only builds the workspace: reload it then.',
  )
  .addHelpText(...example('dev'))
  .action(async () => (await import('./command-line/dev.ts')).dev())

program
  .command('status')
  .description('say whether an installation runs here, and where')
  .addHelpText(...example('status --json'))
  .option(...json)
  .action(async (options) => (await import('./command-line/status.ts')).status(options))

program
  .command('doctor')
  .description('check what a start needs, and name the fix of what is wrong')
  .addHelpText(...example('doctor'))
  .option(...json)
  .action(async (options) => (await import('./command-line/doctor.ts')).doctor(options))

const isolation = program.command('isolation').description('prove that tenants are kept apart')
isolation
  .command('verify')
  .description('compare every table, policy, grant, key and role with the declarations, then attack them')
  .option('--cell <name>', 'only this cell, with the tenants in it')
  .option('--out <file>', 'where to write the signed report')
  .option(...json)
  .addHelpText(...example('isolation verify --out report.json'))
  .action(async (options) => (await import('./command-line/isolation.ts')).verify(options))
isolation
  .command('check <report>')
  .description('say whether a report was signed by this installation')
  .option(...json)
  .addHelpText(...example('isolation check report.json'))
  .action(async (file: string, options) => (await import('./command-line/isolation.ts')).check(file, options))

const migrate = program.command('migrate').description('bring the databases to this release, or back')
migrate
  .command('up')
  .description('apply what is missing: to what everybody stands on, then to each tenant with a place of its own')
  .addHelpText(...example('migrate up'))
  .option('--workers <n>', 'tenants at once', '8')
  .option('--failures <n>', 'stop when so many tenants have failed', '5')
  .option(...json)
  .action(async (options) => (await import('./command-line/migrate.ts')).up(options))
migrate
  .command('finish')
  .description('finish the long changes of data that go on in the background, and that the next release waits for')
  .addHelpText(...example('migrate finish'))
  .option(...json)
  .action(async (options) => (await import('./command-line/migrate.ts')).finish(options))
migrate
  .command('down')
  .description('take the newest migrations back')
  .addHelpText(...example('migrate down --steps 2 --yes'))
  .option('--steps <n>', 'how many of each target', '1')
  .option('--yes', 'yes, data may be lost')
  .option(...json)
  .action(async (options) => (await import('./command-line/migrate.ts')).down(options))
migrate
  .command('status')
  .description('show which target is at which level, what is behind, and what failed and why')
  .addHelpText(...example('migrate status'))
  .option(...json)
  .action(async (options) => (await import('./command-line/migrate.ts')).status(options))
migrate
  .command('check')
  .description('show the same, and what has drifted; fail unless everything is at this release')
  .addHelpText(...example('migrate check'))
  .option(...json)
  .action(async (options) => (await import('./command-line/migrate.ts')).check(options))
migrate
  .command('pause')
  .description('let no tenant be migrated; a run ends after those that it is at')
  .addHelpText(...example('migrate pause --reason "month end"'))
  .option('--reason <text>', 'why; shown as long as it is paused, and kept in the record', 'By the command line')
  .option(...json)
  .action(async (options) => (await import('./command-line/migrate.ts')).pause(options))
migrate
  .command('resume')
  .description('let tenants be migrated again')
  .addHelpText(...example('migrate resume --reason "month end is over"'))
  .option('--reason <text>', 'why; kept in the record', 'By the command line')
  .option(...json)
  .action(async (options) => (await import('./command-line/migrate.ts')).resume(options))

program
  .command('audit')
  .description('the record of what was done')
  .command('verify')
  .description('compute every seal of the audit log anew, and say what was altered, put in, taken out or cut off')
  .option('--tenant <tenant>', 'only this organisation, by slug or id')
  .option(...json)
  .addHelpText(...example('audit verify --tenant acme'))
  .action(async (options) => (await import('./command-line/audit.ts')).verify(options))

const outbox = program.command('outbox').description('what was left to be done, and could not be done')
outbox
  .command('list')
  .description('show the messages that were given up, in every database and schema, and why')
  .option(...json)
  .addHelpText(...example('outbox list'))
  .action(async (options) => (await import('./command-line/outbox.ts')).listGivenUp(options))
outbox
  .command('repeat [id]')
  .description('let one of them be tried again, or all')
  .option('--all', 'all of them, of each database and schema at most the oldest 1,000')
  .option('--reason <text>', 'why; kept in the record', 'By the command line')
  .option(...json)
  .addHelpText(...example('outbox repeat --all --reason "The mail server is back"'))
  .action(async (id: string | undefined, options) => (await import('./command-line/outbox.ts')).repeat(id, options))

const tenants = program.command('tenants').description('organisations of this installation')
tenants
  .command('list')
  .description('list them')
  .addHelpText(...example('tenants list'))
  .option(...json)
  .action(async (options) => (await import('./command-line/tenants.ts')).listTenants(options))
tenants
  .command('show <tenant>')
  .description('show one, by slug or id')
  .addHelpText(...example('tenants show acme'))
  .option(...json)
  .action(async (tenant: string, options) => (await import('./command-line/tenants.ts')).showTenant(tenant, options))
tenants
  .command('create <name>')
  .description('create one')
  .requiredOption('--owner <e-mail>', 'who will own it: somebody with an account')
  .option('--slug <slug>', 'its part of the address')
  .addOption(
    new Option('--model <model>', 'where its rows will be: in shared tables, a schema, or a database of its own')
      .choices(['pool', 'bridge', 'silo'])
      .default('pool'),
  )
  .option('--region <name>', 'where everything of it will stay; the first region when absent')
  .option('--cell <name>', 'one of the region; the platform takes one when absent')
  .option('--reason <text>', 'why; kept in the record', 'By the command line')
  .option(...json)
  .addHelpText(...example('tenants create "Initech" --owner owner@acme.test --model bridge'))
  .action(async (name: string, options) => (await import('./command-line/tenants.ts')).createTenant(name, options))

tenants
  .command('residency <tenant>')
  .description('show where every kind of its data lives, and look for it everywhere else')
  .option(...json)
  .addHelpText(...example('tenants residency acme'))
  .action(async (tenant: string, options) =>
    (await import('./command-line/residency.ts')).showResidency(tenant, options),
  )

tenants
  .command('usage')
  .description('show who took most of the platform in the last 30 days')
  .addOption(new Option('--sort <by>', 'what counts').choices(['time', 'storage', 'activity']).default('time'))
  .option(...json)
  .addHelpText(...example('tenants usage --sort storage'))
  .action(async (options) => (await import('./command-line/tenant-usage.ts')).showUsage(options))

const reason = ['--reason <text>', 'why; kept in the record, and shown to the members of the organisation'] as const
tenants
  .command('suspend <tenant>')
  .description('let nobody in, or with --read-only let nobody change anything')
  .requiredOption(...reason)
  .option('--read-only', 'reading stays possible')
  .option(...json)
  .addHelpText(...example('tenants suspend acme --read-only --reason "The invoice of May is open"'))
  .action(async (tenant: string, options) =>
    (await import('./command-line/tenant-lifecycle.ts')).suspendTenant(tenant, options),
  )
tenants
  .command('change-plan <tenant> <plan>')
  .description('give one another plan of the product')
  .requiredOption(...reason)
  .option(...json)
  .addHelpText(...example('tenants change-plan acme business --reason "Signed in May"'))
  .action(async (tenant: string, plan: string, options) =>
    (await import('./command-line/tenant-lifecycle.ts')).changePlan(tenant, plan, options),
  )
tenants
  .command('reactivate <tenant>')
  .description('end a suspension')
  .requiredOption(...reason)
  .option(...json)
  .addHelpText(...example('tenants reactivate acme --reason "Paid"'))
  .action(async (tenant: string, options) =>
    (await import('./command-line/tenant-lifecycle.ts')).reactivateTenant(tenant, options),
  )
tenants
  .command('cancel <tenant>')
  .description('close one; for 30 days it can be restored')
  .requiredOption(...reason)
  .option('--yes', 'do not ask for its slug')
  .option(...json)
  .addHelpText(...example('tenants cancel acme --reason "Asked for by its owner"'))
  .action(async (tenant: string, options) =>
    (await import('./command-line/tenant-lifecycle.ts')).cancelTenant(tenant, options),
  )
tenants
  .command('restore <tenant>')
  .description('take a cancellation back')
  .requiredOption(...reason)
  .option(...json)
  .addHelpText(...example('tenants restore acme --reason "Cancelled by mistake"'))
  .action(async (tenant: string, options) =>
    (await import('./command-line/tenant-lifecycle.ts')).restoreTenant(tenant, options),
  )
tenants
  .command('purge <tenant>')
  .description('delete everything of a cancelled one whose 30 days are over')
  .requiredOption(...reason)
  .option('--yes', 'do not ask for its slug')
  .option(...json)
  .addHelpText(...example('tenants purge acme --reason "Its owner wants it gone"'))
  .action(async (tenant: string, options) =>
    (await import('./command-line/tenant-lifecycle.ts')).purgeTenant(tenant, options),
  )

const staff = program.command('staff').description('who runs the platform')
const appointment = ['--reason <text>', 'why; kept in the record', 'By the command line'] as const
staff
  .command('list')
  .description('list them')
  .option(...json)
  .addHelpText(...example('staff list'))
  .action(async (options) => (await import('./command-line/staff.ts')).listStaff(options))
staff
  .command('add <e-mail>')
  .description('make somebody with an account staff')
  .option(...appointment)
  .option(...json)
  .addHelpText(...example('staff add rowan@example.com --reason "New in support"'))
  .action(async (email: string, options) => (await import('./command-line/staff.ts')).addStaff(email, options))
staff
  .command('remove <e-mail>')
  .description('end that somebody is staff')
  .option(...appointment)
  .option(...json)
  .addHelpText(...example('staff remove rowan@example.com --reason "Left the team"'))
  .action(async (email: string, options) => (await import('./command-line/staff.ts')).removeStaff(email, options))

program
  .command('keys')
  .description('API keys of an organisation')
  .command('create <tenant>')
  .description('create one, as one of its members, and print it once')
  .requiredOption('--as <e-mail>', 'the member who creates it; a key can do no more than they may')
  .requiredOption('--scope <resource:action...>', 'what it may do')
  .option('--name <name>', 'how people will know it', 'Command line')
  .option(...json)
  .addHelpText(...example('keys create acme --as owner@acme.test --scope project:read project:create'))
  .action(async (tenant: string, options) => (await import('./command-line/tenants.ts')).createKey(tenant, options))

program
  .command('access')
  .description('who may do what in an organisation')
  .command('explain <tenant> <e-mail> <permission>')
  .description('show why a member may, or may not, do something')
  .requiredOption('--as <e-mail>', 'the member who asks; they must be allowed to see roles')
  .option('--record <kind/id>', 'the record that it is about')
  .option('--address <address>', 'where the request comes from')
  .option(...json)
  .addHelpText(...example('access explain acme viewer@acme.test project:update --as owner@acme.test'))
  .action(async (tenant: string, email: string, permission: string, options) =>
    (await import('./command-line/access.ts')).explainAccess({ tenant, email, permission }, options),
  )

program
  .command('generate')
  .description("write what is generated from the operations: the clients' types and the reference pages")
  .addHelpText(...example('generate'))
  .action(async () => (await import('./command-line/generate.ts')).generate((line) => console.log(line)))

const contract = program.command('contract').description('the API as it was released, and what changed since')
contract
  .command('check')
  .description('show what changed since the last release; fail when a change breaks callers and has no reason')
  .addHelpText(...example('contract check'))
  .option(...json)
  .action(async (options) => (await import('./command-line/contract.ts')).checkContract(options))
contract
  .command('release <name>')
  .description('write the contract of today down as released, and the changes into docs/reference/changelog.md')
  .addHelpText(...example('contract release 0.2.0'))
  .option(...json)
  .action(async (name: string, options) => (await import('./command-line/contract.ts')).releaseContract(name, options))

program
  .command('database')
  .description('an outside PostgreSQL')
  .command('prepare')
  .description('make roles, databases and schemas, and print the URLs to configure')
  .requiredOption('--administrator <url>', 'URL of somebody who may create roles and databases')
  .option('--control <name>', 'name of the control database', 'tenantry_control')
  .option('--cell <name>', 'name of the cell database', 'tenantry_main')
  .option('--further-cell <name>', 'prepare a cell beside the first, by this name: no control database is made')
  .option('--region <name>', 'where the server is', 'local')
  .option(...json)
  .addHelpText(
    'after',
    '\nExample:\n  TENANTRY_SECRET=… npx tenantry database prepare --administrator postgresql://postgres:…@db.example.com/postgres',
  )
  .action(async (options) => (await import('./command-line/database.ts')).prepare(options))

try {
  await program.parseAsync()
} catch (error) {
  console.error(explained(error))
  // Not by exitCode: what a failed command has begun, such as the relay of a start, would keep the process alive.
  process.exit(process.exitCode ?? 1)
}

/** What went wrong and what to do, for people; the stack only of what nobody foresaw. */
function explained(error: unknown): string {
  if (error instanceof ConfigurationError) return `${error.message}\n\nEvery setting: docs/reference/configuration.md`
  if (error instanceof CatalogueDifference) return error.message
  if (error instanceof EmbeddedPostgresError) return `${error.message}\n  → ${error.remedy}`
  if (error instanceof Failure)
    return `${error.message}\n  → ${error.kind.help}${error.errors.map(({ pointer, detail }) => `\n  ${pointer}: ${detail}`).join('')}`
  const failure = databaseFailure(error)
  if (failure) return `${failure.cause}\n  → ${failure.remedy}`
  if (!(error instanceof Error)) return String(error)
  return error.constructor === Error || error instanceof MigrationRefused
    ? error.message
    : (error.stack ?? error.message)
}
