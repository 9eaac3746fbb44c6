import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { choosePort } from '../../platform/src/adapters/embedded-postgres/port.ts'

const startsWithinMs = 5_000
const program = 'redis-server'

/** Why tests with Redis cannot run here; false where they can. */
export const withoutRedis =
  spawnSync(program, ['--version']).status !== 0 && 'Redis is missing: apt-get install redis-server'

/** A Redis without persistence on a free port, stopped by its process id. */
export class RedisServer {
  readonly url: string
  readonly #port: number
  readonly #folder: string
  #child: ChildProcess | undefined

  private constructor(port: number, folder: string) {
    this.url = `redis://127.0.0.1:${port}`
    this.#port = port
    this.#folder = folder
  }

  static async start(): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-redis-'))
    const server = new RedisServer(await choosePort(folder, undefined), folder)
    await server.run()
    return server
  }

  /** Starts it again on the same port, empty. Throws with what it said when it does not come up. */
  async run(): Promise<void> {
    let said = ''
    const settings = ['--bind', '127.0.0.1', '--port', String(this.#port), '--save', '', '--dir', this.#folder]
    const child = spawn(program, settings, { stdio: ['ignore', 'pipe', 'ignore'] })
    this.#child = child
    await new Promise<void>((resolve, reject) => {
      const fail = () => reject(new Error(`Redis did not start:\n${said}`))
      const timer = setTimeout(fail, startsWithinMs)
      child.once('exit', fail)
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        said += text
        if (said.includes('Ready to accept connections')) resolve()
      })
      void once(child, 'exit').finally(() => clearTimeout(timer))
    })
  }

  /** It accepts connections and answers nobody, until `resume`. */
  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  /** kill -9: every connection is cut. */
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
}
