import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const fastStopWithinMs = 10_000
const killWithinMs = 5_000
const lookEveryMs = 25

/**
 * Ends what is left of a server whose launcher was killed, so that the cluster can be started afresh. A postmaster is
 * asked to stop and gets 10 s to write its checkpoint; backends that outlived theirs are killed, because PostgreSQL
 * does not start beside them and recovers from its log anyway. The caller holds the folder's lock.
 */
export async function endLeftovers(cluster: string): Promise<void> {
  const postmaster = notedPostmaster(cluster)
  if (postmaster !== undefined && processesIn(cluster).includes(postmaster)) {
    signal(postmaster, 'SIGINT')
    await untilGone(cluster, fastStopWithinMs)
  }
  await killProcessesIn(cluster)
  // PostgreSQL takes the note for real when the number in it belongs to another process by now.
  rmSync(join(cluster, 'postmaster.pid'), { force: true })
}

/** Kills what works in the folder or below, and resolves when it has gone. */
export async function killProcessesIn(folder: string): Promise<void> {
  for (const pid of processesIn(folder)) signal(pid, 'SIGKILL')
  if (!(await untilGone(folder, killWithinMs))) throw new Error(`Processes in ${folder} can't be ended`)
}

function notedPostmaster(cluster: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10)
  } catch {
    return undefined
  }
}

/** Every process of PostgreSQL works in its data directory. Outside Linux only the postmaster is found, by its command line. */
function processesIn(folder: string): number[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && `${workingFolder(name)}/`.startsWith(`${folder}/`))
      .map(Number)
  }
  return execFileSync('ps', ['-axo', 'pid=,command='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(`/postgres -D ${folder} `))
    .map((line) => Number.parseInt(line, 10))
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return undefined
  }
}

async function untilGone(folder: string, withinMs: number): Promise<boolean> {
  const giveUpAt = performance.now() + withinMs
  while (processesIn(folder).length > 0) {
    if (performance.now() > giveUpAt) return false
    await sleep(lookEveryMs)
  }
  return true
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
