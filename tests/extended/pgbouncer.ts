import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { choosePort } from '../../platform/src/adapters/embedded-postgres/port.ts'
import { serverAccount } from '../../platform/src/adapters/embedded-postgres/server-account.ts'
import type { DatabasesSettings } from '../../platform/src/kernel/database/databases.ts'
import { rowsOf } from '../database.ts'

const host = '127.0.0.1'
const startsWithinMs = 5_000
/** Debian puts it where ordinary users do not look. */
const program = ['pgbouncer', '/usr/sbin/pgbouncer'].find((path) => spawnSync(path, ['--version']).status === 0)

/** Why tests behind PgBouncer cannot run here; false where they can. */
export const withoutPgBouncer = program === undefined && 'PgBouncer is missing: apt-get install pgbouncer'

/** A PgBouncer in transaction mode before one PostgreSQL, on a free port, stopped by its process id. */
export class PgBouncer {
  readonly port: number
  readonly #folder: string
  #child: ChildProcess | undefined
  #said = ''

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
  }

  /** `poolSize` is how many connections to PostgreSQL it makes for each login role in each database. */
  static async start(superuserUrl: string, poolSize: number): Promise<PgBouncer> {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-pgbouncer-'))
    const pgBouncer = new PgBouncer(await choosePort(folder, undefined), folder)
    await pgBouncer.#configure(new URL(superuserUrl), poolSize)
    await pgBouncer.run()
    return pgBouncer
  }

  /** docs/pgbouncer.md explains each line. */
  async #configure({ port, username, password }: URL, poolSize: number): Promise<void> {
    const settings = `
[databases]
* = host=${host} port=${port}

[pgbouncer]
listen_addr = ${host}
listen_port = ${this.port}
unix_socket_dir =
pool_mode = transaction
default_pool_size = ${poolSize}
max_client_conn = 500
server_login_retry = 1
auth_type = scram-sha-256
auth_file = ${join(this.#folder, 'users.txt')}
auth_user = ${username}
auth_query = select rolname, rolpassword from pg_authid where rolname = $1 and rolcanlogin
`
    await this.#write('pgbouncer.ini', settings)
    await this.#write('users.txt', `"${username}" "${password}"\n`)
    await chmod(this.#folder, 0o755)
  }

  async #write(name: string, text: string): Promise<void> {
    const file = join(this.#folder, name)
    await writeFile(file, text, { mode: 0o600 })
    const account = this.#account()
    if (account) await chown(file, account.uid, account.gid)
  }

  /** PgBouncer refuses root, as PostgreSQL does. */
  #account() {
    return serverAccount(this.#folder)
  }

  /** Starts it again on the same port. Throws with what it said when it does not come up. */
  async run(): Promise<void> {
    const account = this.#account()
    this.#said = ''
    const child = spawn(program ?? '', [join(this.#folder, 'pgbouncer.ini')], {
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
      ...(account && { uid: account.uid, gid: account.gid }),
    })
    this.#child = child
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`PgBouncer did not start:\n${this.#said}`))
      const timer = setTimeout(fail, startsWithinMs)
      child.once('exit', fail)
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        this.#said += text
        if (this.#said.includes('process up')) resolve()
      })
      void once(child, 'exit').finally(() => clearTimeout(timer))
    })
  }

  /** kill -9: every connection through it is cut. */
  async kill(): Promise<void> {
    const child = this.#child
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  async stop(): Promise<void> {
    await this.kill()
    await rm(this.#folder, { recursive: true, force: true })
  }

  /** The same database, by the same role, through it. */
  through(url: string): string {
    const changed = new URL(url)
    changed.port = String(this.port)
    return changed.href
  }

  /** All that serves goes through it; the migrator does not, because its locks are of its session. */
  before(settings: DatabasesSettings): DatabasesSettings {
    const [main] = settings.cells
    return {
      ...settings,
      cells: [{ ...main, servingUrl: this.through(main.servingUrl) }],
      controlUrl: this.through(settings.controlUrl),
      unnamedStatements: true,
    }
  }
}

/** Process ids of PostgreSQL's that a login role has in a database. */
export async function serverProcesses(superuserUrl: string, role: string, database: string): Promise<number[]> {
  const rows = await rowsOf(superuserUrl, 'select pid from pg_stat_activity where usename = $1 and datname = $2', [
    role,
    database,
  ])
  return rows.map(({ pid }) => Number(pid))
}
