import { type ChildProcess, spawn } from 'node:child_process'
import { openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

const repositoryFolder = join(import.meta.dirname, '..')
const stopWithinMs = 15_000
const endWithParent = pathToFileURL(join(repositoryFolder, 'platform/bin/end-with-parent.js'))

export interface ServerProcess {
  readonly pid: number
  readonly child: ChildProcess
  /** Rejects when the process has ended, with what it said. It ends only when something is wrong or `started` is disposed of. */
  readonly failed: Promise<never>
}

/** Starts a script of this repository on this Node; `started` ends it, and kill -9 of this process does, too. */
export function startServer(
  started: AsyncDisposableStack,
  settings: { nodeArguments: readonly string[]; environment: Record<string, string>; outputFile: string },
): ServerProcess {
  const { nodeArguments, environment, outputFile } = settings
  const output = openSync(outputFile, 'w')
  const child = spawn(process.execPath, [`--import=${endWithParent.href}?parent=${process.pid}`, ...nodeArguments], {
    cwd: repositoryFolder,
    env: { ...environmentWithoutOurs(), ...environment },
    // Ctrl-C is for us: the servers are stopped after the load, PostgreSQL after the servers.
    detached: true,
    stdio: ['ignore', output, output, 'ipc'],
  })
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message))
    child.once('exit', () => resolve(readFileSync(outputFile, 'utf8')))
  })
  started.defer(async () => {
    child.kill('SIGTERM')
    const inTime = await Promise.race([ended.then(() => true), wait(stopWithinMs, false, { ref: false })])
    if (!inTime) child.kill('SIGKILL')
    await ended
  })
  const failed = ended.then((words) => {
    throw new Error(`${nodeArguments.at(-1)} ended:\n${words}`)
  })
  failed.catch(() => {})
  return { pid: child.pid ?? 0, child, failed }
}

/** The settings of an installation that whoever runs the benchmark has are none of its business. */
function environmentWithoutOurs(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('TENANTRY_')))
}
