import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { newId } from '../../platform/src/kernel/id.ts'
import { audience, newKey, TestIssuer } from '../../platform/src/modules/identity/issuer.fixture.ts'
import { rowsOf, type TestServer, testSecret, testServer } from '../database.ts'
import { InstallationProcess, startAndKill, tenantry } from './installation-process.ts'

/** `tenantry start`: the first time, again, on a port that is taken, on an outside PostgreSQL, with an outside issuer. */

let folder: string
let outside: TestServer
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenantry start '))
  // As root, PostgreSQL runs under another account, which must be able to enter.
  await chmod(folder, 0o755)
  outside = await testServer()
})
after(async () => {
  await outside?.stop()
  await rm(folder, { recursive: true, force: true })
})

interface Project {
  readonly id: string
  readonly name: string
}

/** Signs in as somebody of the demo and creates a project in acme. */
async function storyOn(url: string): Promise<{ cookie: string; project: Project }> {
  const json = { 'content-type': 'application/json' }
  const signedIn = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ email: 'member@acme.test', password: demoPassword }),
  })
  assert.equal(signedIn.status, 201)
  const cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
  const created = await fetch(`${url}/api/v1/projects`, {
    method: 'POST',
    headers: { ...json, cookie, tenant: 'acme' },
    body: JSON.stringify({ name: 'Begun here' }),
  })
  assert.equal(created.status, 201)
  return { cookie, project: (await created.json()) as Project }
}

async function readProject(url: string, cookie: string, id: string): Promise<Project> {
  const response = await fetch(`${url}/api/v1/projects/${id}`, { headers: { cookie, tenant: 'acme' } })
  assert.equal(response.status, 200)
  return (await response.json()) as Project
}

/** Ends what a test has started, also when it fails. */
async function withStarted<Result>(
  settings: Record<string, string>,
  work: (server: InstallationProcess) => Promise<Result>,
): Promise<Result> {
  const server = await InstallationProcess.start(settings)
  try {
    return await work(server)
  } finally {
    await server.end('SIGTERM')
  }
}

describe('a start', () => {
  test('the first time sets everything up and says so; again it finds everything, and all data', async () => {
    const settings = { TENANTRY_DATA: join(folder, 'first data') }
    const first = await withStarted(settings, async ({ url, output }) => {
      for (const step of [/PostgreSQL +port \d+/, /Migrations +\d+ applied/, /Isolation/, /Demo data/, /Web/]) {
        assert.match(output, new RegExp(`✓ ${step.source}`))
      }
      for (const said of [`${url}/api/v1/docs`, `${url}/dev/inbox`, demoPassword, 'owner@acme.test']) {
        assert.ok(output.includes(said), said)
      }
      return storyOn(url)
    })
    await withStarted(settings, async ({ url, output }) => {
      assert.match(output, /✓ Migrations +up to date/)
      assert.doesNotMatch(output, /✓ Demo data|✓ Web/)
      assert.equal((await readProject(url, first.cookie, first.project.id)).name, 'Begun here')
    })
  })

  test('on a port that is taken names who holds it, and takes another one', async () => {
    const holder = createTcpServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = holder.address() as AddressInfo
    const settings = { TENANTRY_DATA: join(folder, 'first data'), PORT: String(port) }
    await withStarted(settings, async ({ url, output }) => {
      assert.match(output, new RegExp(`Port ${port} is held by process ${process.pid} \\(.+\\); using \\d+`))
      assert.notEqual(new URL(url).port, String(port))
      assert.equal((await fetch(`${url}/readyz`)).status, 200)
    })
    holder.close()
  })

  test('that was killed in each of its steps is finished by the next, as if nothing had happened', async () => {
    const settings = { TENANTRY_DATA: join(folder, 'killed') }
    for (const [printed, afterMs] of [
      [/PostgreSQL/, 0],
      [/Migrations/, 0],
      [/Isolation/, 300],
      [/Isolation/, 900],
      [/Demo data/, 200],
    ] as const) {
      const { code, output } = await startAndKill(settings, printed, afterMs)
      assert.equal(code, null, output)
    }
    await withStarted(settings, async ({ url }) => {
      await storyOn(url)
      assert.match(await (await fetch(url)).text(), /<script type="module"/)
      const listed = await tenantry(['tenants', 'list', '--json'], settings)
      const tenants = JSON.parse(listed.output) as { slug: string; state: string; members: number }[]
      assert.deepEqual(
        tenants.map(({ slug, state, members }) => `${slug} ${state} ${members}`),
        ['acme active 4', 'globex active 1'],
      )
      assert.equal((await tenantry(['doctor'], settings)).code, 0)
    })
  })

  test('that is ended by kill -9 needs nobody to clean up', async () => {
    const settings = { TENANTRY_DATA: join(folder, 'first data') }
    const killed = await InstallationProcess.start(settings)
    const { cookie, project } = await storyOn(killed.url)
    await killed.end('SIGKILL')
    assert.equal((await tenantry(['status'], settings)).code, 3)
    await withStarted(settings, async ({ url }) => {
      assert.equal((await readProject(url, cookie, project.id)).name, 'Begun here')
    })
  })
})

describe('an outside PostgreSQL', () => {
  const unique = newId().replaceAll('-', '')
  const secret = { TENANTRY_SECRET: testSecret }
  let urls: Record<string, string>

  const prepare = async (what = 'start') => {
    const databases = ['--control', `${what}_control_${unique}`, '--cell', `${what}_cell_${unique}`]
    const words = ['database', 'prepare', '--administrator', outside.superuserUrl, ...databases, '--json']
    const { code, output } = await tenantry(words, secret)
    assert.equal(code, 0, output)
    return JSON.parse(output) as Record<string, string>
  }

  test('is prepared by one command, as often as one likes, and serves the whole story', async () => {
    urls = await prepare()
    const settled = ['TENANTRY_DATABASE_URL', 'TENANTRY_MIGRATOR_URL', 'TENANTRY_CONTROL_URL', 'TENANTRY_REGION']
    assert.deepEqual(Object.keys(urls), settled)
    assert.deepEqual(await prepare(), urls)
    const settings = { TENANTRY_DATA: join(folder, 'outside'), ...secret, ...urls }
    await withStarted(settings, async ({ url, output }) => {
      assert.doesNotMatch(output, /PostgreSQL +port/)
      const { cookie, project } = await storyOn(url)
      assert.equal((await readProject(url, cookie, project.id)).name, 'Begun here')
      assert.equal((await tenantry(['doctor'], settings)).code, 0)
      assert.deepEqual(await prepare(), urls, 'also beside a running installation')
      assert.equal((await readProject(url, cookie, project.id)).name, 'Begun here')
    })
  })

  test('takes production on databases of its own, on the port asked for, without demo and inbox', async () => {
    const busy = createServer().listen(0, '127.0.0.1')
    await once(busy, 'listening')
    const { port } = busy.address() as AddressInfo
    const settings = {
      ...secret,
      ...urls,
      PORT: String(port),
      TENANTRY_DATA: join(folder, 'outside'),
      TENANTRY_ENV: 'production',
      HOST: '127.0.0.1',
      TENANTRY_PUBLIC_URL: 'https://app.example.com',
      TENANTRY_SMTP_URL: 'smtp://127.0.0.1:1',
      TENANTRY_MAIL_FROM: 'Atlas <no-reply@example.com>',
    }
    const assertRefused = async (why: RegExp, more: Record<string, string> = {}) => {
      const { code, output } = await tenantry(['start'], { ...settings, ...more })
      assert.equal(code, 1)
      assert.match(output, why)
      assert.doesNotMatch(output, /\n\s+at /)
    }
    await assertRefused(new RegExp(`Port ${port} is held by process ${process.pid} [^]*PORT`))
    await once(busy.close(), 'close')
    await assertRefused(/hold the people of the demo, such as owner@acme\.test[^]*npx tenantry database prepare/)

    await withStarted({ ...settings, ...(await prepare('production')) }, async ({ output }) => {
      assert.doesNotMatch(output, /demo-password/)
      const local = `http://127.0.0.1:${port}`
      assert.equal((await fetch(`${local}/readyz`)).status, 200)
      assert.equal((await fetch(`${local}/dev/inbox.json`)).status, 404)
      assert.match((await fetch(local)).headers.get('strict-transport-security') ?? '', /max-age=\d{7}/)
    })
    const control = outside.superuserUrl.replace(/\/postgres$/, `/production_control_${unique}`)
    assert.deepEqual(await rowsOf(control, 'select from control.tenants'), [])
  })

  test('knows people by the tokens of an outside issuer, once that and the audience are set; passwords are no use then', async () => {
    const issuer = new TestIssuer([await newKey('ES256', 'one')])
    await issuer.start()
    issuer.people['ada'] = { email: 'ada@example.test', email_verified: true, name: 'Ada Lovelace' }
    const settings = {
      ...secret,
      ...urls,
      TENANTRY_DATA: join(folder, 'outside'),
      TENANTRY_OIDC_ISSUER: issuer.url,
      TENANTRY_OIDC_AUDIENCE: audience,
    }
    try {
      await withStarted(settings, async ({ url }) => {
        const authorization = `Bearer ${await issuer.accessToken('ada')}`
        const me = await fetch(`${url}/api/v1/me`, { headers: { authorization } })
        assert.equal(me.status, 200)
        assert.equal(((await me.json()) as { email: string }).email, 'ada@example.test')
        const json = { 'content-type': 'application/json' }
        const founded = await fetch(`${url}/api/v1/tenants`, {
          method: 'POST',
          headers: { ...json, authorization },
          body: JSON.stringify({ name: 'Analytical Engines' }),
        })
        assert.equal(founded.status, 201)
        assert.equal((await fetch(`${url}/api/v1/me`, { headers: { authorization: 'Bearer forged' } })).status, 401)
        const signUp = await fetch(`${url}/api/v1/accounts`, {
          method: 'POST',
          headers: json,
          body: JSON.stringify({ email: 'x@example.test', name: 'X', password: 'a long enough passphrase' }),
        })
        assert.equal(((await signUp.json()) as { code: string }).code, 'identity.external')
      })
    } finally {
      await issuer.stop()
    }
  })
})
