import { type Binaries, prepareBinaries } from './binaries.ts'
import { checkCluster, ensureCluster, superuser } from './cluster.ts'
import { type ClusterLocation, ensureFolder, locateCluster } from './cluster-location.ts'
import { lockFolder } from './launcher-lock.ts'
import { choosePort, rememberPort } from './port.ts'
import { type Durability, host, type Postmaster, startPostmaster } from './postmaster.ts'
import { untilReady } from './readiness.ts'
import { endLeftovers } from './server-processes.ts'
import { keepRunning } from './supervision.ts'

const startAttemptsMax = 3

export interface EmbeddedPostgresOptions {
  /** Created if need be. Belongs to the embedded PostgreSQL alone. */
  readonly dataFolder: string
  /** Default: the port of last time, or any free one. */
  readonly port?: number
  /** Default: `full`. */
  readonly durability?: Durability
  /** Told in a sentence what was decided (such as a fallback folder), what takes long, and when the server is restarted. */
  readonly onProgress?: (message: string) => void
}

/** A running PostgreSQL server of our own. */
export interface EmbeddedPostgres {
  readonly host: string
  readonly port: number
  /** Of the database "postgres", with name and password. It stays valid when the server is restarted. */
  readonly superuserUrl: string
  /** PostgreSQL's data directory, inside the data folder asked for or in its fallback. */
  readonly dataFolder: string
  /** Ends all connections and the server, and lets go of the data folder. */
  stop(): Promise<void>
}

/**
 * Starts PostgreSQL on a data folder of its own and resolves when it takes connections, on the loopback address only.
 * From then on the server is started again, on the same port, whenever it ends by itself; it ends with this process,
 * however that ends. What an earlier process left behind (a running server, a half-made cluster) is put in order first.
 *
 * Throws an `EmbeddedPostgresError` when it can't, without changing a cluster that is not its own.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { durability = 'full', onProgress = () => undefined } = options
  const folder = ensureFolder(options.dataFolder)
  const locks = [await lockFolder(folder)]
  const unlock = (): void => locks.forEach((release) => release())
  try {
    const location = locateCluster(folder, onProgress)
    // A copy of a data folder names the fallback folder of the original.
    if (location.home !== folder) locks.push(await lockFolder(location.home))
    const binaries = prepareBinaries(location, onProgress)
    checkCluster(location, binaries)
    const password = await ensureCluster(location, binaries, durability)

    const start = (port: number, signal?: AbortSignal): Promise<Postmaster> =>
      startServer({ location, binaries, port, durability, password, onProgress, signal })
    const { port, server } = await startOnSomePort(location.home, options.port, start)
    const stopServer = keepRunning(server, (signal) => start(port, signal), onProgress)
    return {
      host,
      port,
      superuserUrl: superuserUrl(port, password),
      dataFolder: location.cluster,
      async stop() {
        await stopServer()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

interface ServerStart {
  readonly location: ClusterLocation
  readonly binaries: Binaries
  readonly port: number
  readonly durability: Durability
  readonly password: string
  readonly onProgress: (message: string) => void
  readonly signal: AbortSignal | undefined
}

async function startServer({
  location,
  binaries,
  port,
  durability,
  password,
  onProgress,
  signal,
}: ServerStart): Promise<Postmaster> {
  await endLeftovers(location.cluster)
  const server = startPostmaster(location, binaries, port, durability)
  try {
    await untilReady(server, superuserUrl(port, password), onProgress, signal)
    return server
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** Another process may take the port between our look and PostgreSQL's start; then it is tried with another one. */
async function startOnSomePort(
  home: string,
  askedFor: number | undefined,
  start: (port: number) => Promise<Postmaster>,
): Promise<{ port: number; server: Postmaster }> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(home, askedFor)
    try {
      const server = await start(port)
      rememberPort(home, port)
      return { port, server }
    } catch (error) {
      if (attempt === startAttemptsMax || !String(error).includes('Address already in use')) throw error
    }
  }
}

function superuserUrl(port: number, password: string): string {
  return `postgresql://${superuser}:${password}@${host}:${port}/postgres`
}
