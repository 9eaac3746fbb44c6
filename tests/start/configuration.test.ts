import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type Configuration,
  ConfigurationError,
  readConfiguration,
  settings,
} from '../../platform/src/kernel/config/configuration.ts'
import { tenantry } from './installation-process.ts'

/** What may be set, what must be set, and that everything that is wrong is said at once. */

const secret = 'a secret of the tests, and of nothing else'
const databases = {
  TENANTRY_DATABASE_URL: 'postgresql://tenantry_serving:x@db.example.com/tenantry_main',
  TENANTRY_MIGRATOR_URL: 'postgresql://tenantry_migrator:x@db.example.com/tenantry_main',
  TENANTRY_CONTROL_URL: 'postgresql://tenantry_control:x@db.example.com/tenantry_control',
}
const production = {
  TENANTRY_ENV: 'production',
  HOST: '0.0.0.0',
  TENANTRY_PUBLIC_URL: 'https://app.example.com',
  TENANTRY_SECRET: secret,
  TENANTRY_SMTP_URL: 'smtps://user:password@mail.example.com',
  TENANTRY_MAIL_FROM: 'Atlas <no-reply@example.com>',
  ...databases,
}

/** What is wrong with these settings, line by line; nothing when they are right. */
function problemsOf(environment: Record<string, string | undefined>): readonly string[] {
  try {
    readConfiguration(environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigurationError, String(error))
    for (const problem of error.problems) assert.ok(error.message.includes(problem))
    return error.problems
  }
}

/** Asserts that exactly these settings are named, each in a line of its own. */
function assertNamed(environment: Record<string, string | undefined>, names: readonly string[]): void {
  const problems = problemsOf(environment)
  assert.equal(problems.length, names.length, problems.join('\n'))
  for (const name of names)
    assert.ok(
      problems.some((problem) => problem.startsWith(`${name} `)),
      `${name} is not named`,
    )
}

test('without any setting it is a development installation on loopback, with embedded database, inbox and demo', () => {
  const { environment, host, port, database, demo, mail, oidc, trustedProxies } = readConfiguration({})
  assert.deepEqual(
    { environment, host, port, database, demo, smtpUrl: mail.smtpUrl, oidc, trustedProxies } satisfies Partial<
      Configuration & { smtpUrl: unknown }
    >,
    {
      environment: 'development',
      host: '127.0.0.1',
      port: 3000,
      database: undefined,
      demo: true,
      smtpUrl: undefined,
      oidc: undefined,
      trustedProxies: undefined,
    },
  )
})

describe('production', () => {
  test('starts with everything it needs, and has no demo', () => {
    assert.deepEqual(problemsOf(production), [])
    assert.equal(readConfiguration(production).demo, false)
  })

  for (const name of Object.keys(production).filter((each) => each !== 'TENANTRY_ENV')) {
    test(`refuses to start without ${name}`, () => {
      assertNamed({ ...production, [name]: undefined }, [name])
      assertNamed({ ...production, [name]: '' }, [name])
    })
  }

  test('names everything that is missing at once', () => {
    const needed = Object.keys(production).filter((name) => name !== 'TENANTRY_ENV')
    assertNamed({ TENANTRY_ENV: 'production' }, needed)
  })

  for (const [what, name, value] of [
    ['demo data, whose passwords are published', 'TENANTRY_DEMO', 'true'],
    ['an address that people reach without encryption', 'TENANTRY_PUBLIC_URL', 'http://app.example.com'],
    ['the sender of development', 'TENANTRY_MAIL_FROM', 'Tenantry <no-reply@tenantry.test>'],
    ['a secret that can be guessed', 'TENANTRY_SECRET', 'short'],
    ['an address that only this machine reaches', 'TENANTRY_PUBLIC_URL', 'https://localhost'],
    ['calls of customers to this machine', 'TENANTRY_OUTBOUND_LOOPBACK', 'true'],
    ['an address of loopback', 'TENANTRY_PUBLIC_URL', 'https://127.0.0.1:3000'],
  ] as const) {
    test(`refuses ${what}`, () => assertNamed({ ...production, [name]: value }, [name]))
  }

  test('ends at once, with every reason and without a stack, when it is started unprepared', async () => {
    const { code, output } = await tenantry(['start'], { TENANTRY_ENV: 'production' })
    assert.equal(code, 1)
    for (const name of Object.keys(production).filter((each) => each !== 'TENANTRY_ENV')) {
      assert.match(output, new RegExp(`- ${name} must be set in production`))
    }
    assert.match(output, /docs\/reference\/configuration\.md/)
    assert.doesNotMatch(output, /\n\s+at /)
  })
})

describe('a setting that is wrong', () => {
  const wrong: Record<keyof typeof settings, readonly string[]> = {
    TENANTRY_ENV: ['prod', 'Production'],
    HOST: [],
    PORT: ['http', '-1', '65536', '80.5'],
    TENANTRY_PUBLIC_URL: ['app.example.com', 'ftp://app.example.com', 'https://', 'javascript:alert(1)'],
    TENANTRY_DATA: [],
    TENANTRY_SECRET: ['31 characters are one too few.'],
    TENANTRY_DATABASE_URL: ['mysql://db/x', 'db.example.com', 'postgresql://'],
    TENANTRY_MIGRATOR_URL: ['mysql://db/x'],
    TENANTRY_CONTROL_URL: ['mysql://db/x'],
    TENANTRY_REPLICA_URL: ['mysql://db/x'],
    TENANTRY_REDIS_URL: ['redis.example.com', 'http://redis', 'redis://'],
    TENANTRY_BREACHED_PASSWORDS_URL: ['pwnedpasswords.com', 'ftp://passwords.example.com'],
    TENANTRY_REGION: ['EU', 'eu_1', '1eu'],
    TENANTRY_CELLS: [
      'eu-1',
      '{"name":"eu-1"}',
      '[{"name":"eu-1"}]',
      '[{"name":"EU","region":"eu"}]',
      '[{"name":"eu-1","region":"eu","colour":"red"}]',
      '[{"name":"main","region":"eu"}]',
      '[{"name":"control","region":"eu"}]',
      '[{"name":"eu-1","region":"eu"},{"name":"eu-1","region":"us"}]',
      '[{"name":"eu-1","region":"eu","databaseUrl":"postgresql://db/x","migratorUrl":"postgresql://db/x"}]',
    ],
    TENANTRY_CONNECTIONS: ['1', '501', 'many', '2.5'],
    TENANTRY_UNNAMED_STATEMENTS: ['yes', '1', 'TRUE'],
    TENANTRY_DEMO: ['yes', '1'],
    TENANTRY_SMTP_URL: ['mail.example.com', 'http://mail.example.com'],
    TENANTRY_MAIL_FROM: [],
    TENANTRY_OIDC_ISSUER: ['issuer', 'ldap://issuer.example.com'],
    TENANTRY_OIDC_AUDIENCE: [],
    TENANTRY_TRUSTED_PROXIES: [],
    TENANTRY_OUTBOUND_LOOPBACK: ['yes', '1'],
    TENANTRY_AUDIT_STREAM_URL: ['siem.example.com', 'syslog://siem.example.com'],
    TENANTRY_AUDIT_STREAM_SECRET: ['secret', 'whsec_c2hvcnQ='],
    TENANTRY_AUDIT_STREAM_FORMAT: ['syslog'],
    TENANTRY_LOG_LEVEL: ['verbose', 'INFO'],
  }

  for (const [name, values] of Object.entries(wrong)) {
    if (values.length === 0) continue
    test(`${name} is named`, () => {
      for (const value of values) assertNamed({ [name]: value }, [name])
    })
  }

  test('does not hide the others', () => {
    assertNamed({ PORT: 'x', TENANTRY_ENV: 'x', TENANTRY_DEMO: 'x' }, ['PORT', 'TENANTRY_ENV', 'TENANTRY_DEMO'])
  })
})

describe('settings that belong together', () => {
  test('are all three URLs of an outside PostgreSQL, and the secret', () => {
    const all = { ...databases, TENANTRY_SECRET: secret }
    assert.deepEqual(problemsOf(all), [])
    for (const name of Object.keys(databases)) assertNamed({ ...all, [name]: undefined }, [name])
    assertNamed({ ...all, TENANTRY_SECRET: undefined }, ['TENANTRY_SECRET'])
  })

  test('are issuer and audience, and no demo, whose people have passwords', () => {
    const issuer = { TENANTRY_OIDC_ISSUER: 'https://issuer.example.com' }
    assert.equal(problemsOf(issuer).length, 1)
    assert.equal(problemsOf({ TENANTRY_OIDC_AUDIENCE: 'atlas' }).length, 1)
    const both = { ...issuer, TENANTRY_OIDC_AUDIENCE: 'atlas' }
    assert.equal(readConfiguration(both).demo, false)
    assertNamed({ ...both, TENANTRY_DEMO: 'true' }, ['TENANTRY_DEMO'])
  })
})
