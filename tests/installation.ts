import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EmbeddedInbox } from '../platform/src/adapters/mail/embedded-inbox.ts'
import { createDemo } from '../platform/src/demo.ts'
import { demoPassword } from '../platform/src/demo-people.ts'
import { Installation } from '../platform/src/installation.ts'
import type { Placement, PlacementWish } from '../platform/src/kernel/context.ts'
import type { DatabasesSettings } from '../platform/src/kernel/database/databases.ts'
import { newId } from '../platform/src/kernel/id.ts'
import type { Module, Plan } from '../platform/src/kernel/module.ts'
import type { Log } from '../platform/src/kernel/observe/log.ts'
import { addressOf, requireOperation } from '../platform/src/kernel/operation.ts'
import type { RateLimits } from '../platform/src/kernel/rate/limits.ts'
import type { RateStore } from '../platform/src/kernel/rate/rate-store.ts'
import { BetterAuthProvider } from '../platform/src/modules/identity/better-auth.ts'
import type { BreachedPasswords } from '../platform/src/modules/identity/breached-passwords.ts'
import { PasswordHashing } from '../platform/src/modules/identity/password-hashing.ts'
import type { Letter } from '../platform/src/modules/mail/public.ts'
import { registerErrorPages } from '../platform/src/pages/error-pages.ts'
import { registerInbox } from '../platform/src/pages/inbox.ts'
import { registerReference } from '../platform/src/pages/reference.ts'
import { type Served, serve } from '../platform/src/serve.ts'
import { system } from '../platform/src/system-session.ts'
import { buildWeb } from '../platform/src/web/build.ts'
import { registerWeb } from '../platform/src/web/static.ts'
import product from '../product/app.ts'
import { type TestCell, type TestDatabases, testDatabases } from './database.ts'
import { until } from './until.ts'

/** What was logged, for tests that look at it. */
export class LogLines implements Log {
  readonly lines: { level: string; message: string; fields: Record<string, unknown> }[] = []
  info = this.#keep('info')
  warn = this.#keep('warn')
  error = this.#keep('error')

  #keep(level: string) {
    return (fields: object, message: string) => void this.lines.push({ level, message, fields: { ...fields } })
  }

  child(): Log {
    return this
  }
}

/** Remembers what it delivered: who waits for one letter need not read two hundred files every few milliseconds. */
class RememberingInbox extends EmbeddedInbox {
  readonly delivered: Letter[] = []

  override async deliver(letter: Letter): Promise<void> {
    await super.deliver(letter)
    this.delivered.push(letter)
  }
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  /** Parsed JSON, or the text when it is none. */
  readonly body: unknown
}

/** How databases are reached that were just made. */
export type Reach = (databases: TestDatabases) => Promise<DatabasesSettings>

export interface Asking {
  /** E-mail address of a demo person, or an API key. */
  readonly as?: string
  readonly tenant?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** To hang up before the answer. */
  readonly signal?: AbortSignal
}

interface Extra {
  readonly modules?: readonly Module[]
  /** Serves the workspace, too. */
  readonly web?: boolean
  /** Fills the demo's organisations. */
  readonly demoData?: boolean
  /** Where these live. */
  readonly model?: Placement['model']
  /** Beside `main`. */
  readonly cells?: readonly TestCell[]
  /** Tenants may have a database of their own. */
  readonly silos?: boolean
  /** How the databases are reached, if not directly. */
  readonly reach?: Reach
  /** Of the plan `standard`, which all tenants have at first. Default: more than any test asks for. */
  readonly limits?: RateLimits
  /** Of the plan `standard`. Default: as many as any test asks for. */
  readonly entitlements?: Plan['entitlements']
  readonly rateStore?: RateStore
  readonly breachedPasswords?: BreachedPasswords
  /** Whether staff are let into the console without a second factor, which the people of the demo lack. Default: yes. */
  readonly demo?: boolean
}

const plentiful: RateLimits = { read: 10_000_000, write: 10_000_000, heavy: 10_000_000 }

/** Atlas, served on a free port over databases of its own, with the two tenants and six people of the demo. */
export class TestInstallation {
  readonly log: LogLines
  readonly databases: TestDatabases
  readonly installation: Installation
  readonly inbox: RememberingInbox
  readonly url: string
  /** Added to the clock that rules read: tests move it. */
  readonly clock: { aheadMs: number }
  readonly #served: Served
  readonly #folder: string
  readonly #cookies = new Map<string, string>()

  private constructor(parts: {
    databases: TestDatabases
    installation: Installation
    inbox: RememberingInbox
    served: Served
    folder: string
    log: LogLines
    clock: { aheadMs: number }
  }) {
    this.databases = parts.databases
    this.installation = parts.installation
    this.inbox = parts.inbox
    this.url = `http://127.0.0.1:${parts.served.port}`
    this.log = parts.log
    this.#served = parts.served
    this.#folder = parts.folder
    this.clock = parts.clock
  }

  static async start(extra: Extra = {}): Promise<TestInstallation> {
    const { cells = [], model = 'pool', silos = model === 'silo' } = extra
    // Roles have the permissions of the modules that there were when their tenant was founded.
    const isDemoCopied = model === 'pool' && extra.modules === undefined
    const databases = await testDatabases({ silos, cells, demo: isDemoCopied })
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-inbox-'))
    const inbox = new RememberingInbox(folder)
    const log = new LogLines()
    const clock = { aheadMs: 0 }
    const [standard, ...plans] = product.plans
    const { limits = plentiful, entitlements = {} } = extra
    const limited = [{ ...standard, limits, entitlements }, ...plans] as const
    const tested = { ...product, plans: limited, modules: [...product.modules, ...(extra.modules ?? [])] }
    const installation = new Installation({
      product: tested,
      databases: (await extra.reach?.(databases)) ?? databases.settings,
      identity: new BetterAuthProvider(new PasswordHashing()),
      mailer: inbox,
      publicUrl: 'http://127.0.0.1',
      log,
      now: () => new Date(Date.now() + clock.aheadMs),
      outboundLoopback: true,
      demo: extra.demo ?? true,
      ...(extra.rateStore ? { rateStore: extra.rateStore } : {}),
      ...(extra.breachedPasswords ? { breachedPasswords: extra.breachedPasswords } : {}),
    })
    installation.relay.start()
    installation.flags.start()
    if (!isDemoCopied || extra.demoData)
      await createDemo(installation, extra.demoData ? tested : { ...tested, demo: async () => {} }, inbox, model)
    const pages = async (server: Parameters<typeof registerErrorPages>[0]) => {
      await registerErrorPages(server)
      if (extra.web) await registerWorkspace(server, installation, inbox, join(folder, 'web'))
    }
    const served = await serve({
      installation,
      host: '127.0.0.1',
      port: 0,
      publicUrl: 'http://127.0.0.1',
      trustedProxies: undefined,
      log,
      pages,
    })
    return new TestInstallation({ databases, installation, inbox, served, folder, log, clock })
  }

  /** Sends a request as somebody, as their browser or program would. */
  async request(method: string, path: string, { as, tenant, body, headers = {}, signal }: Asking = {}): Promise<Reply> {
    const door = path.startsWith('/api/v1/staff') ? 'console' : 'workspace'
    const credentials: Record<string, string> =
      as === undefined
        ? {}
        : as.includes('@')
          ? { cookie: await this.cookieOf(as, door) }
          : { authorization: `Bearer ${as}` }
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    const response = await fetch(`${this.url}${path}`, {
      method,
      signal: signal ?? null,
      ...sent,
      headers: {
        ...credentials,
        ...headersAt(door),
        ...this.#neededFor(method, path),
        ...(tenant === undefined ? {} : { tenant }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    })
    return { status: response.status, headers: response.headers, body: parsed(await response.text()) }
  }

  /** What clients send by themselves: a key for what must not happen twice, and which version they have read. */
  #neededFor(method: string, path: string): Record<string, string> {
    const operation = this.installation.operations.find(
      (each) =>
        (each.idempotency ?? each.ifMatch) === 'required' &&
        each.method === method &&
        new RegExp(`^${addressOf(each).replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path),
    )
    return {
      ...(operation?.idempotency === 'required' ? { 'idempotency-key': newId() } : {}),
      ...(operation?.ifMatch === 'required' ? { 'if-match': '*' } : {}),
    }
  }

  /** The same, for requests that must succeed. */
  async ask<Body>(method: string, path: string, asking: Asking = {}): Promise<Body> {
    const { status, body } = await this.request(method, path, asking)
    if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`)
    return body as Body
  }

  /** How owner@acme.test is answered who reads the projects of a tenant. */
  async statusIn(tenant: string): Promise<number> {
    return (await this.request('GET', '/api/v1/projects', { as: 'owner@acme.test', tenant })).status
  }

  /** The session of somebody, as their browser keeps it. */
  async cookieOf(email: string, door: Door = 'workspace'): Promise<string> {
    const known = this.#cookies.get(`${door} ${email}`)
    if (known !== undefined) return known
    const { headers } = await this.request('POST', '/api/v1/sessions', {
      body: { email, password: demoPassword },
      headers: headersAt(door),
    })
    return this.keepCookie(email, headers, door)
  }

  /** From now on somebody has the session that an answer gave them. */
  keepCookie(email: string, headers: Headers, door: Door = 'workspace'): string {
    const cookie = headers.get('set-cookie')?.split(';', 1)[0] ?? ''
    this.#cookies.set(`${door} ${email}`, cookie)
    return cookie
  }

  /** Founds an organisation of owner@acme.test in a place, as `tenantry tenants create` does. */
  async foundTenant(slug: string, place: PlacementWish): Promise<void> {
    const create = requireOperation(this.installation.operations, 'staffTenants.create')
    const asked = { name: slug, slug, owner: 'owner@acme.test', reason: 'For a test.', ...place }
    await this.installation.call(create, system, asked)
  }

  /** Forgets the session of somebody, so that the next request signs in again. */
  forgetCookie(email: string, door: Door = 'workspace'): void {
    this.#cookies.delete(`${door} ${email}`)
  }

  /** The latest mail to somebody that says something, once it has arrived. */
  async mailTo(email: string, containing: string): Promise<string> {
    const letters = () => this.inbox.delivered.filter(({ to, text }) => to === email && text.includes(containing))
    await until(`a mail to ${email} containing ${containing}`, async () => letters().length > 0)
    return letters().toSorted((one, other) => (one.id < other.id ? 1 : -1))[0]?.text ?? ''
  }

  async stop(): Promise<void> {
    await this.#served.close()
    await this.installation.close()
    await this.databases.drop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

/** The staff console has a session of its own. */
type Door = 'workspace' | 'console'

function headersAt(door: Door): Record<string, string> {
  return door === 'console' ? { 'tenantry-console': '1' } : {}
}

async function registerWorkspace(
  server: Parameters<typeof registerErrorPages>[0],
  { operations }: Installation,
  inbox: EmbeddedInbox,
  outputFolder: string,
): Promise<void> {
  const productFolder = join(import.meta.dirname, '..', 'product')
  await buildWeb({ productName: product.name, productFolder, outputFolder })
  await registerReference(server, { operations, title: product.name })
  registerInbox(server, inbox)
  await registerWeb(server, { folder: outputFolder, secure: false, demo: true, production: false })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
