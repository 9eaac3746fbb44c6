import assert from 'node:assert/strict'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { newId } from '../../platform/src/kernel/id.ts'
import { type TestServer, testSecret, testServer } from '../database.ts'
import { type Ended, InstallationProcess, tenantry } from './installation-process.ts'

/** The command line, beside a running installation: for people, and for programs. */

let folder: string
let server: InstallationProcess
let outside: TestServer
let commands: ReadonlyMap<string, string>
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry-commands-'))
  // As root, PostgreSQL runs under another account, which must be able to enter.
  await chmod(folder, 0o755)
  outside = await testServer()
  server = await InstallationProcess.start({ TENANTRY_DATA: folder })
  commands = new Map(await helpOf([]))
})
after(async () => {
  await server?.end('SIGTERM')
  await outside?.stop()
  await rm(folder, { recursive: true, force: true })
})

const command = (...words: string[]) => tenantry(words, { TENANTRY_DATA: folder })

/** The commands that do something ("migrate up", "status"), as `--help` tells of them, each with its own help. */
async function helpOf(words: readonly string[]): Promise<[command: string, help: string][]> {
  const { code, output } = await command(...words, '--help')
  assert.equal(code, 0)
  // An unknown word gets the help of what it stands under, which would be asked for again and again.
  assert.ok(words.length <= 2, words.join(' '))
  const listed = /Commands:\n([^]*)/.exec(output)?.[1] ?? ''
  const names = [...listed.matchAll(/^ {2}([\w-]+)/gm)]
    .map(([, name]) => name as string)
    .filter((name) => name !== 'help')
  if (names.length === 0) return [[words.join(' '), output]]
  return (await Promise.all(names.map((name) => helpOf([...words, name])))).flat()
}

describe('every command', () => {
  test('explains itself with an example', () => {
    assert.ok(commands.size >= 12)
    for (const [words, help] of commands) assert.match(help, new RegExp(`Example:\n.*npx tenantry ${words}`), words)
  })

  test('prints JSON for programs, unless it prints nothing that they could want', async () => {
    const slug = `t${newId().slice(-12)}`
    const report = join(folder, 'isolation report.json')
    const databases = ['--control', `prepared_control_${slug}`, '--cell', `prepared_cell_${slug}`]
    const calls: Record<string, readonly string[]> = {
      status: [],
      doctor: [],
      'isolation verify': ['--out', report],
      'isolation check': [report],
      'audit verify': ['--tenant', 'acme'],
      'migrate up': [],
      'migrate finish': [],
      'migrate status': [],
      'migrate check': [],
      'migrate pause': [],
      'migrate resume': [],
      'outbox list': [],
      'outbox repeat': ['--all'],
      'tenants list': [],
      'tenants show': ['acme'],
      'tenants residency': ['acme'],
      'tenants usage': ['--sort', 'storage'],
      'tenants create': ['Initech', '--owner', 'owner@acme.test', '--slug', slug],
      'tenants change-plan': [slug, 'business', '--reason', 'Signed in May'],
      'tenants suspend': [slug, '--read-only', '--reason', 'The invoice of May is open'],
      'tenants reactivate': [slug, '--reason', 'Paid'],
      'tenants cancel': [slug, '--yes', '--reason', 'Asked for by its owner'],
      'tenants restore': [slug, '--reason', 'Cancelled by mistake'],
      'staff add': ['viewer@acme.test'],
      'staff list': [],
      'staff remove': ['viewer@acme.test'],
      'keys create': ['acme', '--as', 'owner@acme.test', '--scope', 'project:read', 'task:read'],
      'access explain': ['acme', 'viewer@acme.test', 'project:update', '--as', 'owner@acme.test'],
      'contract check': [],
      'database prepare': ['--administrator', outside.superuserUrl, ...databases],
    }
    // A purge needs thirty days: its refusal is tested below, the rest in tests/operations/lifecycle.test.ts.
    // What a release writes is tested in tests/contract/difference.test.ts.
    const elsewhere = ['start', 'dev', 'generate', 'contract release', 'migrate down', 'tenants purge']
    assert.deepEqual(
      [...commands.keys()].filter((name) => !elsewhere.includes(name)).toSorted(),
      Object.keys(calls).toSorted(),
      'a new command belongs into the list above',
    )
    for (const [name, words] of Object.entries(calls)) {
      const settings = {
        TENANTRY_DATA: folder,
        ...(name === 'database prepare' ? { TENANTRY_SECRET: testSecret } : {}),
      }
      const { code, output } = await tenantry([...name.split(' '), ...words, '--json'], settings)
      assert.equal(code, 0, `${name}: ${output}`)
      assert.equal(typeof JSON.parse(output), 'object', name)
    }
  })
})

describe('a command for people', () => {
  test('says what is there, in columns', async () => {
    const { output } = await command('tenants', 'list')
    assert.match(output, /^SLUG +NAME +STATE +PLAN +REGION +PLACEMENT +MEMBERS +CREATED\n/)
    assert.match(output, /^acme +Acme Robotics +active +standard +local +main \(pool\) +4 /m)
    assert.match((await command('status')).output, new RegExp(`ready +ready\n(.*\n)*url +${server.url}`))
  })

  test('makes a key that works, and says that it is shown once', async () => {
    const { output } = await command('keys', 'create', 'globex', '--as', 'owner@globex.test', '--scope', 'project:read')
    const key = /^tk_\S+/.exec(output)?.[0]
    assert.match(output, /Shown once/)
    const read = await fetch(`${server.url}/api/v1/projects`, { headers: { authorization: `Bearer ${key}` } })
    assert.equal(read.status, 200)
  })
})

describe('what goes wrong', () => {
  /** Exit status 1, the cause, the way out, and no stack. */
  const assertFailure = ({ code, output }: Ended, cause: RegExp, wayOut: RegExp) => {
    assert.equal(code, 1, output)
    assert.match(output, cause)
    assert.match(output, wayOut)
    assert.doesNotMatch(output, /\n\s+at /)
  }

  test('is a word that is no command: the one that was meant is named', async () => {
    for (const [said, meant] of [
      [['statsu'], 'status'],
      [['tenants', 'lst'], 'list'],
      [['migrate', 'dwon'], 'down'],
      [['migrate', 'down', '--stesp', '1'], '--steps'],
    ] as const) {
      assertFailure(await command(...said), /unknown (command|option)/, new RegExp(`Did you mean ${meant}\\?`))
    }
  })

  test('is said with its cause and what mends it', async () => {
    const help = /--help/
    assertFailure(await command('tenants', 'show'), /missing required argument 'tenant'/, help)
    assertFailure(await command('tenants', 'show', 'nowhere'), /no tenant "nowhere"/, /npx tenantry tenants list/)
    const create = ['tenants', 'create', 'Initech', '--owner']
    assertFailure(
      await command(...create, 'nobody@acme.test'),
      /Nobody with this address has an account/,
      /must have signed up and confirmed the address/,
    )
    assertFailure(await command('migrate', 'down'), /can lose data/, /--yes/)
    for (const steps of ['x', '0', '1.5']) {
      assertFailure(await command('migrate', 'down', '--yes', '--steps', steps), /--steps/, /whole number/)
    }
    const purge = ['tenants', 'purge', 'acme', '--reason', 'A test']
    assertFailure(await command(...purge), /nobody can be asked/, /--yes/)
    assertFailure(
      await command(...purge, '--yes'),
      /cannot be done with the organisation as it is now/,
      /→ .*Read it again/,
    )
    const remove = ['staff', 'remove', 'nobody@acme.test']
    assertFailure(await command(...remove), /nobody@acme.test is not staff/, /npx tenantry staff list/)
    const key = ['keys', 'create', 'acme', '--as', 'viewer@acme.test', '--scope', 'project:read']
    assertFailure(await command(...key), /You may not do this/, /→ .*owner or administrator/)
    assertFailure(await command('start'), new RegExp(`in use by process ${server.pid}`), /→ .*TENANTRY_DATA/)
  })

  test('is said with its cause also when the database is at fault', async () => {
    const prepare = ['database', 'prepare', '--administrator']
    const secret = { TENANTRY_DATA: folder, TENANTRY_SECRET: testSecret }
    assertFailure(await command(...prepare, outside.superuserUrl), /Set TENANTRY_SECRET first/, /openssl rand/)
    const wrong = [
      ['postgresql://postgres@127.0.0.1:1/postgres', /ECONNREFUSED/, /→ .*URL/],
      [outside.superuserUrl.replace(/:[^:@]+@/, ':wrong@'), /password authentication failed/, /→ .*password/i],
      [outside.superuserUrl.replace(/\/postgres$/, '/nothing'), /database "nothing" does not exist/, /→ .*database/],
      ['db.example.com', /must be a postgresql:\/\/ URL/, /such as postgresql:\/\//],
    ] as const
    for (const [url, cause, wayOut] of wrong) assertFailure(await tenantry([...prepare, url], secret), cause, wayOut)

    const urlOf = (role: string) => `postgresql://${role}:wrong@${new URL(outside.superuserUrl).host}/postgres`
    const outsideSettings = {
      ...secret,
      TENANTRY_DATABASE_URL: urlOf('tenantry_serving'),
      TENANTRY_MIGRATOR_URL: urlOf('tenantry_migrator'),
      TENANTRY_CONTROL_URL: urlOf('tenantry_control'),
    }
    for (const words of [['start'], ['migrate', 'up'], ['tenants', 'list']]) {
      assertFailure(
        await tenantry(words, outsideSettings),
        /password authentication failed for user "tenantry_/,
        /npx tenantry database prepare/,
      )
    }
    const { code, output } = await tenantry(['doctor'], outsideSettings)
    assert.equal(code, 1)
    assert.match(output, /✗ Databases .*password authentication failed[^]*→ /)
  })
})

test('taking migrations back and applying them again says each step, for people and for programs', async () => {
  const down = await command('migrate', 'down', '--yes', '--json')
  const steps = JSON.parse(down.output) as { target: string; direction: string }[]
  assert.deepEqual(
    steps.map(({ target, direction }) => `${target} ${direction}`),
    ['template of cell main down', 'cell main down', 'control down'],
  )
  assert.match((await command('migrate', 'status')).output, /^… cell main: \w+ \d{4}_\w+$/m)
  const check = await command('migrate', 'check')
  assert.equal(check.code, 1)
  assert.match(check.output, /^3 behind, 0 failed, 0 drifted, of 3 targets\.$/m)
  assert.match(
    (await command('migrate', 'up')).output,
    /^↑ control: .+\n↑ cell main: .+\n↑ template of cell main: .+ ms\n3 migrations applied/,
  )
  assert.match((await command('migrate', 'up')).output, /up to date/)
  assert.match((await command('migrate', 'check')).output, /^All 3 targets are at this release\.$/m)
})
