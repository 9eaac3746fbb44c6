import { readdir, readFile, readlink } from 'node:fs/promises'

/** A process that listens on a port. */
export interface PortHolder {
  readonly pid: number
  /** As started: "node server.js". */
  readonly command: string
}

/**
 * Says which process listens on a TCP port of this machine. Reads Linux's /proc; elsewhere, and for processes of other
 * accounts unless we are root, the answer is undefined.
 */
export async function whoHoldsPort(port: number): Promise<PortHolder | undefined> {
  const sockets = await listeningSockets(port)
  if (sockets.size === 0) return undefined
  const processes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  for (const pid of processes) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '')
      if (!sockets.has(target)) continue
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid: Number(pid), command: words.split('\0').join(' ').trim() }
    }
  }
  return undefined
}

/** The links under /proc/<pid>/fd that stand for sockets listening on the port: "socket:[12345]". */
async function listeningSockets(port: number): Promise<Set<string>> {
  const listenState = '0A'
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  )
  const rows = tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
  const listening = rows.filter(([, local, , state]) => local?.endsWith(`:${hexPort}`) && state === listenState)
  return new Set(listening.map((columns) => `socket:[${columns[9]}]`))
}
