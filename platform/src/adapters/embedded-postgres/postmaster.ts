import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import type { ClusterLocation } from './cluster-location.ts'
import { openServerLog } from './server-log.ts'

export const host = '127.0.0.1'
/** Tenants with a database of their own take connections of their own. */
const connectionsMax = 300
const fastStopWithinMs = 10_000
const immediateStopWithinMs = 5_000

/** `full` keeps every committed transaction through a crash; `none` may lose the whole cluster in one, and is for tests. */
export type Durability = 'full' | 'none'

/** A PostgreSQL server process that we started. */
export interface Postmaster {
  readonly pid: number
  /** Resolves when it has ended, to what it said at the end. */
  readonly ended: Promise<string>
  hasEnded(): boolean
  /** Ends its connections, writes a checkpoint and stops; after 10 s without the checkpoint, after 15 s by force. */
  stop(): Promise<void>
}

/** Starts PostgreSQL on the cluster, to listen on the port of the loopback address alone. */
export function startPostmaster(
  location: ClusterLocation,
  binaries: Binaries,
  port: number,
  durability: Durability,
): Postmaster {
  const { cluster, account } = location
  const settings = serverSettings(binaries, port, durability).flatMap((setting) => ['-c', setting])
  const log = openServerLog(location.dataFolder)
  const server = spawn(join(binaries.folder, 'bin', 'postgres'), ['-D', cluster, ...settings], {
    cwd: location.home,
    env: serverEnvironment(),
    stdio: ['ignore', log.descriptor, log.descriptor],
    detached: true, // Ctrl-C in the terminal is for us; we stop PostgreSQL after its clients
    ...(account && { uid: account.uid, gid: account.gid }),
  })
  let hasEnded = false
  const ended = new Promise<string>((resolve) => {
    server.once('error', (error) => resolve(error.message))
    server.once('exit', () => resolve(log.lastWords()))
  }).finally(() => {
    hasEnded = true
    log.close()
  })
  const guard = startGuard(server, location)
  void ended.then(() => guard?.kill())

  return {
    pid: server.pid ?? 0,
    ended,
    hasEnded: () => hasEnded,
    async stop() {
      for (const [signal, withinMs] of [
        ['SIGINT', fastStopWithinMs],
        ['SIGQUIT', immediateStopWithinMs],
        ['SIGKILL', immediateStopWithinMs],
      ] as const) {
        if (hasEnded) return
        server.kill(signal)
        await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, withinMs).unref())])
      }
    },
  }
}

/**
 * A process that waits for the pipe from us to close, which happens however we end, and then asks PostgreSQL to stop:
 * without it a launcher killed by kill -9 would leave the server running.
 */
function startGuard(server: ChildProcess, { account }: ClusterLocation): ChildProcess | undefined {
  if (server.pid === undefined) return undefined
  const guard = spawn('sh', ['-c', 'read -r _; kill -INT "$0"', `${server.pid}`], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    ...(account && { uid: account.uid, gid: account.gid }),
  })
  guard.once('error', () => undefined)
  return guard
}

function serverSettings(binaries: Binaries, port: number, durability: Durability): string[] {
  const statistics = existsSync(join(binaries.folder, 'lib', 'postgresql', 'pg_stat_statements.so'))
  return [
    `listen_addresses=${host}`,
    `port=${port}`,
    'unix_socket_directories=',
    `max_connections=${connectionsMax}`,
    `shared_preload_libraries=${statistics ? 'pg_stat_statements' : ''}`,
    'timezone=UTC',
    'log_timezone=UTC',
    'log_checkpoints=off',
    ...(durability === 'none' ? ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'] : []),
  ]
}

/** Nothing of our own environment: PGDATA and the like would mislead PostgreSQL, and secrets are not its business. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH ?? '/usr/bin:/bin', TZ: 'UTC' }
}
