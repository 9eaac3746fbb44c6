import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { host } from './postmaster.ts'
import { whoHoldsPort } from './who-holds-port.ts'

/** The port that was asked for, else the one this data folder had last time, else any that is free. */
export async function choosePort(home: string, askedFor: number | undefined): Promise<number> {
  if (askedFor !== undefined) {
    if (await freePort(askedFor)) return askedFor
    const holder = await whoHoldsPort(askedFor)
    throw new EmbeddedPostgresError(
      'port_in_use',
      `Port ${askedFor} is taken${holder ? ` by process ${holder.pid} (${holder.command})` : ''}.`,
      'Stop that process, or let PostgreSQL choose a port.',
    )
  }
  const remembered = rememberedPort(home)
  const port = (remembered && (await freePort(remembered))) || (await freePort(0))
  if (!port) throw new EmbeddedPostgresError('port_in_use', `No port of ${host} is free.`, 'Stop what uses them.')
  return port
}

export function rememberPort(home: string, port: number): void {
  writeFileSync(portFile(home), `${port}\n`)
}

function rememberedPort(home: string): number | undefined {
  const file = portFile(home)
  return existsSync(file) ? Number.parseInt(readFileSync(file, 'utf8'), 10) || undefined : undefined
}

function portFile(home: string): string {
  return join(home, 'port')
}

/** The port, if one may listen on it; 0 stands for any. */
function freePort(port: number): Promise<number | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen({ host, port, exclusive: true }, () => {
      const { port: given } = server.address() as AddressInfo
      server.close(() => resolve(given))
    })
  })
}
