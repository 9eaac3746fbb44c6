import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** `USER_HZ`: Linux counts CPU time for programs in hundredths of a second on every architecture that Node runs on. */
const ticksPerSecond = 100

export function assertCpuTimeIsReadable(): void {
  if (!existsSync('/proc/self/stat'))
    throw new Error('CPU time of other processes is read from /proc, which only Linux has.')
}

/** CPU seconds that a process has used so far, user and system, all its threads. */
export function cpuSecondsOf(pid: number): number {
  const { own } = statusOf(pid)
  return own / ticksPerSecond
}

/** The same of a process, its children, and the children that have ended. */
export function cpuSecondsOfFamily(pid: number): number {
  const parent = statusOf(pid)
  const children = childrenOf(pid)
  const ticks = [parent.own, parent.endedChildren, ...children.map((child) => child.own)]
  return ticks.reduce((sum, each) => sum + each) / ticksPerSecond
}

/** Of the processes that it has started and that have not ended. */
export function childrenOf(pid: number): Status[] {
  return processes().filter((each) => each.parent === pid)
}

interface Status {
  readonly pid: number
  readonly parent: number
  /** Ticks. */
  readonly own: number
  /** Ticks of children that ended and were waited for. */
  readonly endedChildren: number
}

/** proc_pid_stat(5); the name in field 2 may hold spaces and brackets, so fields are counted behind its last one. */
function statusOf(pid: number): Status {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  const field = (number: number) => fields[number - 3] ?? Number.NaN
  return { pid, parent: field(4), own: field(14) + field(15), endedChildren: field(16) + field(17) }
}

function processes(): Status[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [statusOf(Number(pid))]
      } catch {
        return [] // It has ended since.
      }
    })
}
