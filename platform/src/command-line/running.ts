import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a running `tenantry start` tells other commands about itself, in a file of its data folder. */
export interface Running {
  readonly pid: number
  readonly url: string
  /** Port of the embedded PostgreSQL; absent with an outside one. */
  readonly postgresPort: number | undefined
  readonly startedAt: string
}

const fileIn = (dataFolder: string) => join(dataFolder, 'running.json')

export function sayRunning(dataFolder: string, running: Running): void {
  writeFileSync(fileIn(dataFolder), JSON.stringify(running))
}

export function forgetRunning(dataFolder: string): void {
  rmSync(fileIn(dataFolder), { force: true })
}

/** Undefined when none runs; a file left behind by a killed process names a process that is gone. */
export function runningIn(dataFolder: string): Running | undefined {
  try {
    const running = JSON.parse(readFileSync(fileIn(dataFolder), 'utf8')) as Running
    return isAlive(running.pid) ? running : undefined
  } catch {
    return undefined
  }
}

/** A killed process may stay as a zombie until its parent looks: it answers signals, and serves nobody. */
function isAlive(pid: number): boolean {
  process.kill(pid, 0)
  const status = `/proc/${pid}/stat`
  return !existsSync(status) || !/\) Z /.test(readFileSync(status, 'utf8'))
}
