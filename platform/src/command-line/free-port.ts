import { createServer } from 'node:net'
import { whoHoldsPort } from '../adapters/embedded-postgres/who-holds-port.ts'

const portsTriedMax = 50

/** The port asked for or, where somebody else has it, the next free one; `say` is told who has it. */
export async function freePort(host: string, asked: number, say: (text: string) => void): Promise<number> {
  if (asked === 0 || (await isFree(host, asked))) return asked
  const holder = await whoHoldsPort(asked)
  const who = holder ? `process ${holder.pid}${holder.command ? ` (${holder.command})` : ''}` : 'another process'
  for (let port = asked + 1; port < asked + portsTriedMax; port++) {
    if (await isFree(host, port)) {
      say(`Port ${asked} is held by ${who}; using ${port}. Set PORT to choose another.`)
      return port
    }
  }
  throw new Error(`Ports ${asked} to ${asked + portsTriedMax - 1} are all in use; set PORT to a free one.`)
}

function isFree(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}
