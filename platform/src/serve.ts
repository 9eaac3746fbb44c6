import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Database } from '#kernel/database/database'
import type { Log } from '#kernel/observe/log'
import { registerHealth } from '#kernel/surfaces/health'
import { registerRest } from '#kernel/surfaces/rest'
import { createServer } from '#kernel/surfaces/server'
import type { Installation } from './installation.ts'

export interface ServeSettings {
  readonly installation: Installation
  readonly host: string
  readonly port: number
  readonly publicUrl: string
  readonly trustedProxies: string | undefined
  readonly log: Log
  /** Pages beside the API: the workspace, the reference, the inbox of development. */
  readonly pages?: (server: FastifyInstance) => Promise<void>
}

export interface Served {
  readonly port: number
  /** Stops accepting, lets requests in flight end, then resolves. */
  close(): Promise<void>
}

/** Requests in flight at shutdown have this long to end. */
const drainTimeoutMs = 10_000

/** Serves an installation over HTTP. */
export async function serve(settings: ServeSettings): Promise<Served> {
  const { installation, log, publicUrl, trustedProxies } = settings
  const server = createServer({ log, publicUrl, trustedProxies })
  let accepting = true
  const { directory, cells } = installation.databases
  registerHealth(server, {
    accepting: () => accepting,
    checks: {
      control: () => answers(directory),
      // As long as one answers there is somebody to serve; the tenants of another are refused by themselves.
      cell: () => Promise.any(cells.map(({ serving }) => answers(serving))),
    },
  })
  await registerRest(server, {
    pipeline: installation.pipeline,
    operations: installation.operations,
    secure: publicUrl.startsWith('https://'),
    replicated: cells.some(({ replica }) => replica !== undefined),
  })
  await settings.pages?.(server)
  await server.listen({ host: settings.host, port: settings.port })
  const { port } = server.server.address() as AddressInfo
  return {
    port,
    async close() {
      accepting = false
      const forced = setTimeout(() => server.server.closeAllConnections(), drainTimeoutMs)
      await server.close()
      clearTimeout(forced)
    },
  }
}

async function answers(database: Database): Promise<void> {
  const connection = await database.connect()
  await connection.send([{ name: 'alive', text: 'select 1', values: [] }]).then(
    () => connection.release(false),
    (error: unknown) => {
      connection.release(true)
      throw error
    },
  )
}
