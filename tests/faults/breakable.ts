import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../platform/src/adapters/embedded-postgres/embedded-postgres.ts'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { prepareServer } from '../../platform/src/kernel/database/prepare.ts'
import { type LoginRole, urlFor } from '../../platform/src/kernel/database/roles.ts'
import { rowsOf, testSecret } from '../database.ts'
import { InstallationProcess } from '../start/installation-process.ts'
import { TcpProxy } from './tcp-proxy.ts'

const databases = { control: 'faults_control', cell: 'faults_cell' }

/**
 * An installation whose parts can be broken one by one: Atlas in a process of its own, a PostgreSQL that keeps every
 * commit through a crash, and a proxy between the two.
 */
export class Breakable {
  readonly proxy: TcpProxy
  readonly controlUrl: string
  readonly cellUrl: string
  readonly #folder: string
  readonly #postgres: EmbeddedPostgres
  #server: InstallationProcess | undefined

  private constructor(folder: string, postgres: EmbeddedPostgres, proxy: TcpProxy) {
    this.#folder = folder
    this.#postgres = postgres
    this.proxy = proxy
    this.controlUrl = urlFor(postgres.superuserUrl, { database: databases.control })
    this.cellUrl = urlFor(postgres.superuserUrl, { database: databases.cell })
  }

  /** With the demo's people and tenants. */
  static async make(): Promise<Breakable> {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-faults-'))
    // As root, PostgreSQL runs under another account, which must be able to enter.
    await chmod(folder, 0o755)
    const postgres = await startEmbeddedPostgres({ dataFolder: join(folder, 'postgres') })
    await prepareServer({
      administratorUrl: postgres.superuserUrl,
      secret: testSecret,
      controlDatabase: databases.control,
      cellDatabase: databases.cell,
    })
    const breakable = new Breakable(folder, postgres, await TcpProxy.start(postgres.port))
    try {
      await breakable.start()
      return breakable
    } catch (error) {
      await breakable.stop()
      throw error
    }
  }

  get server(): InstallationProcess {
    if (!this.#server) throw new Error('the server does not run')
    return this.#server
  }

  /** Starts the server on the same data; `more` are settings of this start alone. */
  async start(more: Record<string, string> = {}): Promise<void> {
    const through = new URL(this.#postgres.superuserUrl)
    through.port = String(this.proxy.port)
    const urlOf = (role: LoginRole, database: string) => urlFor(through.href, { role, secret: testSecret, database })
    this.#server = await InstallationProcess.start({
      TENANTRY_DATA: this.#folder,
      TENANTRY_SECRET: testSecret,
      TENANTRY_DATABASE_URL: urlOf('tenantry_serving', databases.cell),
      TENANTRY_MIGRATOR_URL: urlOf('tenantry_migrator', databases.cell),
      TENANTRY_CONTROL_URL: urlOf('tenantry_control', databases.control),
      ...more,
    })
  }

  /** kill -9 of the server. */
  async killServer(): Promise<void> {
    await this.server.end('SIGKILL')
  }

  /** What the server logged so far, from all of its starts; a line that kill -9 has cut short is left out. */
  async logged(): Promise<Record<string, unknown>[]> {
    const lines = (await readFile(join(this.#folder, 'tenantry.log'), 'utf8').catch(() => '')).split('\n')
    return lines.filter(isJson).map((line) => JSON.parse(line) as Record<string, unknown>)
  }

  /** kill -9 of PostgreSQL itself; its supervisor starts it again on the same port. */
  killPostgres(): void {
    process.kill(
      Number.parseInt(readFileSync(join(this.#postgres.dataFolder, 'postmaster.pid'), 'utf8'), 10),
      'SIGKILL',
    )
  }

  /** The session of a person of the demo, as the header that carries it. */
  async signIn(email: string): Promise<{ cookie: string; tenant: string }> {
    const response = await fetch(`${this.server.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password: demoPassword }),
    })
    assert.ok(response.ok, `signing in: ${response.status}`)
    return { cookie: response.headers.get('set-cookie')?.split(';', 1)[0] ?? '', tenant: 'acme' }
  }

  /** An API key of acme that may work with projects. */
  async makeKey(): Promise<string> {
    const headers = { ...(await this.signIn('owner@acme.test')), 'content-type': 'application/json' }
    const scopes = ['project:read', 'project:create']
    const response = await fetch(`${this.server.url}/api/v1/keys`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ name: 'Of the tests', scopes }),
    })
    return ((await response.json()) as { key: string }).key
  }

  async stop(): Promise<void> {
    await this.#server?.end('SIGKILL')
    await this.proxy.stop()
    await this.#postgres.stop()
    await rm(this.#folder, { recursive: true, force: true })
  }
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}

/** What a write left in a tenant's cell: projects of that name, and the records and messages about them. */
export async function traceOf(cellUrl: string, name: string): Promise<Trace> {
  const [trace] = await rowsOf(
    cellUrl,
    `with mine as (select id from pool.projects where name = $1), told as (
       select e.id from pool.audit_events e join pool.audit_values v on (v.tenant_id, v.event_id) = (e.tenant_id, e.id)
       where e.event = 'project.created' and v.after ->> 'name' = $1)
     select (select count(*)::int from mine) as projects, (select count(*)::int from told) as records,
       (select count(*)::int from pool.outbox where payload -> 'data' ->> 'name' = $1) as messages,
       (select count(*)::int from pool.outbox where payload -> 'data' ->> 'name' = $1 and done_at is not null) as done`,
    [name],
  )
  return trace as unknown as Trace
}

export interface Trace {
  readonly projects: number
  readonly records: number
  readonly messages: number
  readonly done: number
}

/** Ids of the projects whose names begin so, with how many records and messages each has. */
export async function tracesOf(cellUrl: string, beginning: string): Promise<ReadonlyMap<string, string>> {
  const rows = await rowsOf(
    cellUrl,
    `select p.id, count(e.id) || ' record, ' || count(o.id) || ' message' as trace from pool.projects p
     left join pool.audit_events e on (e.tenant_id, e.resource_id) = (p.tenant_id, p.id)
     left join pool.outbox o on (o.tenant_id, o.id) = (e.tenant_id, e.id)
     where starts_with(p.name, $1) group by p.id`,
    [beginning],
  )
  return new Map(rows.map(({ id, trace }) => [String(id), String(trace)]))
}
