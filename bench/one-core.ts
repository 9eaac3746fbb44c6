import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { childrenOf } from './cpu-time.ts'

/**
 * Runs the work with this process and another one's family on one core, by taskset(1) of util-linux, and gives them all
 * cores back. What answers each other in microseconds would else be measured with the waking of a core that went to sleep,
 * which on a virtual machine takes as long as the work, or does not happen, as the scheduler likes.
 */
export async function onOneCore<Result>(otherPid: number, work: () => Promise<Result>): Promise<Result> {
  const all = coresOf(process.pid)
  const one = /\d+$/.exec(all)?.[0] ?? '0'
  moveTo(one, otherPid)
  try {
    return await work()
  } finally {
    moveTo(all, otherPid)
  }
}

/** `0-3,6` (proc_pid_status(5)). */
export function coresOf(pid: number): string {
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? ''
}

function moveTo(cores: string, otherPid: number): void {
  const children = childrenOf(otherPid).map(({ pid }) => pid)
  for (const pid of [process.pid, otherPid, ...children]) {
    try {
      execFileSync('taskset', ['-apc', cores, String(pid)], { stdio: 'ignore' })
    } catch (error) {
      // Servers end processes of theirs as they like.
      if (existsSync(`/proc/${pid}`)) throw error
    }
  }
}
