import { z } from 'zod'
import type { LogLevel } from '../observe/log.ts'

/** Everything that can be set from outside, read and checked once at start; nothing else reads the environment. */
export interface Configuration {
  readonly environment: 'development' | 'test' | 'production'
  readonly host: string
  readonly port: number
  /** How people reach the product: origin of links in mails and of the session cookie's rules. */
  readonly publicUrl: string | undefined
  readonly dataFolder: string
  /** Every key and password of the installation is derived from it; absent: one is made and kept in the data folder. */
  readonly secret: string | undefined
  /** Absent: the embedded PostgreSQL. */
  readonly database:
    | { readonly servingUrl: string; readonly migratorUrl: string; readonly controlUrl: string }
    | undefined
  /** Of the control database and of the first cell, `main`. */
  readonly region: string
  readonly replicaUrl: string | undefined
  readonly furtherCells: readonly FurtherCell[]
  readonly connectionsMax: number
  /** Where processes count requests together. Absent: in the control database. */
  readonly redisUrl: string | undefined
  readonly unnamedStatements: boolean
  /** A server of leaked passwords. Absent: the list that comes with the platform. */
  readonly breachedPasswordsUrl: string | undefined
  /** Demo tenants and people with a published password. */
  readonly demo: boolean
  readonly mail: { readonly smtpUrl: string | undefined; readonly from: string }
  readonly oidc: { readonly issuer: string; readonly audience: string } | undefined
  readonly trustedProxies: string | undefined
  /** Whether addresses that customers give may be of this machine. */
  readonly outboundLoopback: boolean
  /** Where the platform's own audit log is streamed to. */
  readonly auditStream:
    | { readonly url: string; readonly secret: string; readonly format: 'jsonl' | 'cloudevents' }
    | undefined
  readonly logLevel: LogLevel
}

/** A cell beside `main`; without URLs it is a database of the embedded PostgreSQL. */
export interface FurtherCell {
  readonly name: string
  readonly region: string
  readonly urls: { readonly servingUrl: string; readonly migratorUrl: string; readonly replicaUrl?: string } | undefined
  readonly reserved: boolean
}

/** Every setting that is missing or wrong, one line each. */
export class ConfigurationError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The configuration is not right:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

const databaseUrl = z.string().regex(/^postgres(ql)?:\/\/\S+$/, 'must be a postgresql:// URL')
const flag = z.enum(['true', 'false'], 'must be true or false').transform((value) => value === 'true')
const placeName = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens, beginning with a letter')
const cellList = z
  .array(
    z.strictObject({
      name: placeName,
      region: placeName,
      databaseUrl: databaseUrl.optional(),
      migratorUrl: databaseUrl.optional(),
      replicaUrl: databaseUrl.optional(),
      reserved: z.boolean().default(false),
    }),
  )
  .max(50)
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' })

/** The settings, by environment variable. `docs/reference/configuration.md` is generated from the descriptions. */
export const settings = {
  TENANTRY_ENV: z
    .enum(['development', 'test', 'production'], 'must be development, test or production')
    .default('development')
    .describe('What kind of installation this is. Production refuses defaults and demo data.'),
  HOST: z.string().optional().describe('The address to listen on. Default: 127.0.0.1; production must name one.'),
  PORT: z.coerce
    .number('must be a port number')
    .int()
    .min(0)
    .max(65_535)
    .default(3000)
    .describe('The port to listen on; 0 takes any. A busy one is replaced by the next free one, except in production.'),
  TENANTRY_PUBLIC_URL: webUrl.optional().describe('How people reach the product, such as https://app.example.com.'),
  TENANTRY_DATA: z
    .string()
    .default('.tenantry')
    .describe('The folder for the embedded PostgreSQL, secrets and mails of development.'),
  TENANTRY_SECRET: z
    .string()
    .min(32, 'must have at least 32 characters')
    .optional()
    .describe('The secret that keys and passwords are derived from.'),
  TENANTRY_DATABASE_URL: databaseUrl
    .optional()
    .describe('The cell database as tenantry_serving. Absent: the embedded PostgreSQL.'),
  TENANTRY_MIGRATOR_URL: databaseUrl.optional().describe('The same server as tenantry_migrator, not through a pooler.'),
  TENANTRY_CONTROL_URL: databaseUrl.optional().describe('The control database as tenantry_control.'),
  TENANTRY_REPLICA_URL: databaseUrl
    .optional()
    .describe(
      'A streaming replica of TENANTRY_DATABASE_URL, as tenantry_serving: takes reads of whoever has seen all that they wrote.',
    ),
  TENANTRY_REGION: placeName
    .default('local')
    .describe('The region of the control database and of the first cell, `main`. It stays what it was first.'),
  TENANTRY_CELLS: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        context.addIssue('must be JSON: [{"name":"eu-1","region":"eu","databaseUrl":"…","migratorUrl":"…"}]')
        return z.NEVER
      }
    })
    .pipe(cellList)
    .optional()
    .describe(
      'Cells beside `main`, as a JSON list of {name, region, databaseUrl, migratorUrl, replicaUrl, reserved}; the roles are those of TENANTRY_DATABASE_URL and TENANTRY_MIGRATOR_URL. A reserved cell takes only tenants for which it is named. Without URLs a cell is a database of the embedded PostgreSQL.',
    ),
  TENANTRY_CONNECTIONS: z.coerce
    .number('must be a number')
    .int()
    .min(2)
    .max(500)
    .default(10)
    .describe('Connections to the database of each cell at most.'),
  TENANTRY_REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\/\S+$/, 'must be a redis(s):// URL')
    .optional()
    .describe('A Redis in which processes count requests against rate limits. Absent: the control database.'),
  TENANTRY_UNNAMED_STATEMENTS: flag.optional().describe('true behind PgBouncer older than 1.21 in transaction mode.'),
  TENANTRY_DEMO: flag
    .optional()
    .describe('Whether to create demo tenants. Default: true in development without an outside issuer.'),
  TENANTRY_SMTP_URL: z
    .string()
    .regex(/^smtps?:\/\/\S+$/, 'must be an smtp(s):// URL')
    .optional()
    .describe('Where mails go. Absent: the embedded inbox, in development only.'),
  TENANTRY_MAIL_FROM: z.string().default('Tenantry <no-reply@tenantry.test>').describe('The sender of mails.'),
  TENANTRY_OIDC_ISSUER: webUrl
    .optional()
    .describe('Accept access tokens of this OpenID Connect issuer in place of built-in sign-in.'),
  TENANTRY_OIDC_AUDIENCE: z.string().min(1).optional().describe('The audience that those tokens must name.'),
  TENANTRY_BREACHED_PASSWORDS_URL: webUrl
    .optional()
    .describe(
      'A server of leaked passwords, asked below /range by the first five digits of the SHA-1 (k-anonymity), such as https://api.pwnedpasswords.com. Absent: only the list that comes with the platform is asked.',
    ),
  TENANTRY_TRUSTED_PROXIES: z
    .string()
    .optional()
    .describe('Addresses or networks whose X-Forwarded-For is believed, comma-separated.'),
  TENANTRY_OUTBOUND_LOOPBACK: flag
    .optional()
    .describe(
      'Whether addresses that customers give may be of this machine, to try things out. Refused in production.',
    ),
  TENANTRY_AUDIT_STREAM_URL: webUrl
    .optional()
    .describe("Where the platform's own audit log goes: what staff did, and the platform in no tenant."),
  TENANTRY_AUDIT_STREAM_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'must be whsec_ and at least 24 bytes in base64')
    .optional()
    .describe('What its requests are signed with (Standard Webhooks).'),
  TENANTRY_AUDIT_STREAM_FORMAT: z
    .enum(['jsonl', 'cloudevents'], 'must be jsonl or cloudevents')
    .default('jsonl')
    .describe('What its requests carry: lines of JSON, or batches of CloudEvents.'),
  TENANTRY_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('The least level that is logged.'),
} as const

type Settings = z.infer<z.ZodObject<typeof settings>>

/** Reads the environment. Throws ConfigurationError naming every problem at once. */
export function readConfiguration(environment: Readonly<Record<string, string | undefined>>): Configuration {
  // An empty variable is how shells and container files say "not set".
  const given = Object.fromEntries(
    Object.entries(environment).filter(([name, value]) => name in settings && value !== ''),
  )
  const parsed = z.object(settings).safeParse(given)
  if (!parsed.success) {
    throw new ConfigurationError(parsed.error.issues.map(problemOf))
  }
  const problems = [
    ...(parsed.data.TENANTRY_ENV === 'production' ? unfitForProduction(parsed.data) : halfADatabase(parsed.data)),
    ...unfitForIssuer(parsed.data),
    ...unfitAuditStream(parsed.data),
    ...unfitCells(parsed.data),
  ]
  if (problems.length > 0) throw new ConfigurationError(problems)
  return configurationOf(parsed.data)
}

/** `PORT must be …`, `TENANTRY_CELLS 0.region must be …` */
function problemOf({ path: [name, ...within], message }: z.core.$ZodIssue): string {
  return [name, ...(within.length > 0 ? [within.join('.')] : []), message].join(' ')
}

const databaseSettings = ['TENANTRY_DATABASE_URL', 'TENANTRY_MIGRATOR_URL', 'TENANTRY_CONTROL_URL'] as const

/** In production all of these are needed anyway. */
function halfADatabase(values: Settings): string[] {
  const problems: string[] = []
  const named = databaseSettings.filter((name) => values[name] !== undefined)
  if (named.length > 0 && named.length < databaseSettings.length) {
    const missing = databaseSettings.filter((name) => values[name] === undefined)
    problems.push(
      `${missing.join(' and ')} must be set too: an outside PostgreSQL needs all three URLs (npx tenantry database prepare prints them)`,
    )
  }
  if (named.length > 0 && values.TENANTRY_SECRET === undefined) {
    problems.push('TENANTRY_SECRET must be set with an outside PostgreSQL: the passwords of its roles follow from it')
  }
  return problems
}

function unfitCells({
  TENANTRY_CELLS: cells = [],
  TENANTRY_DATABASE_URL: main,
  TENANTRY_REPLICA_URL: replica,
}: Settings): string[] {
  const names = ['main', 'control', ...cells.map(({ name }) => name)]
  const twice = names.filter((name, index) => names.indexOf(name) !== index)
  const wanting = cells.filter(
    ({ databaseUrl: serving, migratorUrl: migrator }) =>
      (serving === undefined) !== (main === undefined) || (migrator === undefined) !== (main === undefined),
  )
  return [
    ...(replica !== undefined && main === undefined
      ? ['TENANTRY_REPLICA_URL must not be set without TENANTRY_DATABASE_URL, of which it is a copy']
      : []),
    ...twice.map(
      (name) =>
        `TENANTRY_CELLS names ${name}, which is taken: by another one, by the cell of TENANTRY_DATABASE_URL (main), or by the control database`,
    ),
    ...wanting.map(({ name }) =>
      main === undefined
        ? `TENANTRY_CELLS names ${name}, which must have no URLs beside the embedded PostgreSQL`
        : `TENANTRY_CELLS names ${name}, which needs databaseUrl and migratorUrl (npx tenantry database prepare --further-cell ${name} prints them)`,
    ),
  ]
}

function unfitForIssuer(values: Settings): string[] {
  const problems: string[] = []
  if ((values.TENANTRY_OIDC_ISSUER === undefined) !== (values.TENANTRY_OIDC_AUDIENCE === undefined)) {
    problems.push('TENANTRY_OIDC_ISSUER and TENANTRY_OIDC_AUDIENCE must be set together')
  }
  if (values.TENANTRY_OIDC_ISSUER !== undefined && values.TENANTRY_DEMO) {
    problems.push(
      'TENANTRY_DEMO must not be true with TENANTRY_OIDC_ISSUER: the people of the demo sign in with passwords',
    )
  }
  return problems
}

function unfitAuditStream({
  TENANTRY_AUDIT_STREAM_URL: url,
  TENANTRY_AUDIT_STREAM_SECRET: secret,
}: Settings): string[] {
  if ((url === undefined) === (secret === undefined)) return []
  return ['TENANTRY_AUDIT_STREAM_URL and TENANTRY_AUDIT_STREAM_SECRET must be set together']
}

function unfitForProduction(values: Settings): string[] {
  const missing = ['HOST', 'TENANTRY_SECRET', 'TENANTRY_PUBLIC_URL', 'TENANTRY_SMTP_URL', ...databaseSettings] as const
  const problems = missing
    .filter((name) => values[name] === undefined)
    .map((name) => `${name} must be set in production: ${settings[name].description}`)
  if (values.TENANTRY_DEMO) problems.push('TENANTRY_DEMO must not be true in production: its passwords are published')
  if (values.TENANTRY_OUTBOUND_LOOPBACK)
    problems.push(
      'TENANTRY_OUTBOUND_LOOPBACK must not be true in production: customers would reach what this machine serves',
    )
  if (values.TENANTRY_PUBLIC_URL && !values.TENANTRY_PUBLIC_URL.startsWith('https://')) {
    problems.push('TENANTRY_PUBLIC_URL must be https in production: session cookies travel with every request')
  }
  if (values.TENANTRY_PUBLIC_URL && isLoopback(new URL(values.TENANTRY_PUBLIC_URL))) {
    problems.push(
      'TENANTRY_PUBLIC_URL must not be of this machine alone in production: nobody could follow the links in mails',
    )
  }
  if (values.TENANTRY_BREACHED_PASSWORDS_URL?.startsWith('http:')) {
    problems.push(
      'TENANTRY_BREACHED_PASSWORDS_URL must be https in production: what it answers decides about passwords',
    )
  }
  if (values.TENANTRY_MAIL_FROM === settings.TENANTRY_MAIL_FROM.parse(undefined)) {
    problems.push('TENANTRY_MAIL_FROM must be set in production: mails need a sender of your own')
  }
  return problems
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[::1\]$/.test(hostname)
}

function configurationOf(values: Settings): Configuration {
  const {
    TENANTRY_DATABASE_URL: servingUrl,
    TENANTRY_MIGRATOR_URL: migratorUrl,
    TENANTRY_CONTROL_URL: controlUrl,
  } = values
  const { TENANTRY_OIDC_ISSUER: issuer, TENANTRY_OIDC_AUDIENCE: audience } = values
  const { TENANTRY_AUDIT_STREAM_URL: streamUrl, TENANTRY_AUDIT_STREAM_SECRET: streamSecret } = values
  return Object.freeze({
    environment: values.TENANTRY_ENV,
    host: values.HOST ?? '127.0.0.1',
    port: values.PORT,
    publicUrl: values.TENANTRY_PUBLIC_URL?.replace(/\/$/, ''),
    dataFolder: values.TENANTRY_DATA,
    secret: values.TENANTRY_SECRET,
    database: servingUrl && migratorUrl && controlUrl ? { servingUrl, migratorUrl, controlUrl } : undefined,
    region: values.TENANTRY_REGION,
    replicaUrl: values.TENANTRY_REPLICA_URL,
    furtherCells: (values.TENANTRY_CELLS ?? []).map((cell) => {
      const { name, region, reserved, databaseUrl: serving, migratorUrl: migrator, replicaUrl } = cell
      const replica = replicaUrl === undefined ? {} : { replicaUrl }
      const urls = serving && migrator ? { servingUrl: serving, migratorUrl: migrator, ...replica } : undefined
      return { name, region, reserved, urls }
    }),
    connectionsMax: values.TENANTRY_CONNECTIONS,
    redisUrl: values.TENANTRY_REDIS_URL,
    breachedPasswordsUrl: values.TENANTRY_BREACHED_PASSWORDS_URL,
    unnamedStatements: values.TENANTRY_UNNAMED_STATEMENTS ?? false,
    // The people of the demo sign in with passwords, which an outside issuer would have to know.
    demo: values.TENANTRY_DEMO ?? (values.TENANTRY_ENV === 'development' && issuer === undefined),
    mail: { smtpUrl: values.TENANTRY_SMTP_URL, from: values.TENANTRY_MAIL_FROM },
    oidc: issuer && audience ? { issuer, audience } : undefined,
    trustedProxies: values.TENANTRY_TRUSTED_PROXIES,
    outboundLoopback: values.TENANTRY_OUTBOUND_LOOPBACK ?? false,
    auditStream:
      streamUrl && streamSecret
        ? { url: streamUrl, secret: streamSecret, format: values.TENANTRY_AUDIT_STREAM_FORMAT }
        : undefined,
    logLevel: values.TENANTRY_LOG_LEVEL,
  })
}
