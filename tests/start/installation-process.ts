import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const repositoryFolder = join(import.meta.dirname, '../..')
const program = join(repositoryFolder, 'platform/bin/tenantry.js')
const readyWithinMs = 60_000
/** The end of what a start prints, with the URL. */
const served = /Workspace\s+(https?:\S+)[^]*Ctrl-C stops it/

/** What a command of ours printed, and how it ended. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** The command line in a process of its own, with these settings and no others. Run in the repository, unless `folder` says where. */
function run(words: readonly string[], settings: Record<string, string>, folder = repositoryFolder): ChildProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(TENANTRY_|HOST$|PORT$|NODE_(?!COMPILE_CACHE)|FORCE_COLOR)/.test(name),
  )
  return spawn(process.execPath, ['--conditions=source', program, ...words], {
    cwd: folder,
    env: { ...Object.fromEntries(inherited), NO_COLOR: '1', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** Runs a command to its end. */
export async function tenantry(
  words: readonly string[],
  settings: Record<string, string> = {},
  folder?: string,
): Promise<Ended> {
  const child = run(words, settings, folder)
  const output = collected(child)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, output: output() }
}

/** Starts it and kills it with -9 once it has printed that, or `afterMs` later; at the latest when it serves. */
export async function startAndKill(settings: Record<string, string>, printed: RegExp, afterMs = 0): Promise<Ended> {
  const child = run(['start'], { PORT: '0', ...settings })
  const output = collected(child)
  child.stdout?.on('data', () => {
    if (printed.test(output())) setTimeout(() => child.kill('SIGKILL'), afterMs)
    else if (served.test(output())) child.kill('SIGKILL')
  })
  await once(child, 'close')
  return { code: child.exitCode, output: output() }
}

/** `tenantry start`, as people start it. */
export class InstallationProcess {
  readonly url: string
  readonly pid: number
  readonly ended: Promise<Ended>
  readonly #child: ChildProcess
  readonly #output: () => string

  private constructor(child: ChildProcess, url: string, ended: Promise<Ended>, output: () => string) {
    this.url = url
    this.pid = child.pid ?? 0
    this.ended = ended
    this.#child = child
    this.#output = output
  }

  /** Starts it on any free port and waits until it serves. Throws with what it printed when it ends before. */
  static async start(settings: Record<string, string>, folder?: string): Promise<InstallationProcess> {
    const child = run(['start'], { PORT: '0', ...settings }, folder)
    const output = collected(child)
    const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output: output() }))
    const ready = Promise.race([
      new Promise<string>((resolve) => {
        child.stdout?.on('data', () => {
          const said = served.exec(output())?.[1]
          if (said !== undefined) resolve(said)
        })
      }),
      ended.then(({ code }) => Promise.reject(new Error(`it ended with ${code}:\n${output()}`))),
      timeout().then(() => Promise.reject(new Error(`not ready in time:\n${output()}`))),
    ])
    const url = await ready.catch((error: unknown) => {
      child.kill('SIGKILL')
      throw error
    })
    return new InstallationProcess(child, url, ended, output)
  }

  get output(): string {
    return this.#output()
  }

  /** Sends a signal and waits for the end. */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL'): Promise<Ended> {
    this.#child.kill(signal)
    return this.ended
  }
}

function collected(child: ChildProcess): () => string {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
  }
  return () => text
}

function timeout(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, readyWithinMs).unref()
  })
}
