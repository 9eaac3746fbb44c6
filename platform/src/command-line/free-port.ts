import { type AddressInfo, createServer } from 'node:net'
import { whoHoldsPort } from '../adapters/embedded-postgres/who-holds-port.ts'

const portsTriedMax = 50

/** The port asked for (any, for 0) or, where somebody else has it, the next free one; `say` is told who has it. */
export async function freePort(host: string, asked: number, say: (text: string) => void): Promise<number> {
  const free = await opened(host, asked)
  if (free !== undefined) return free
  const who = await holderOf(asked)
  for (let port = asked + 1; port < asked + portsTriedMax; port++) {
    if ((await opened(host, port)) !== undefined) {
      say(`Port ${asked} is held by ${who}; using ${port}. Set PORT to choose another.`)
      return port
    }
  }
  throw new Error(`Ports ${asked} to ${asked + portsTriedMax - 1} are all in use; set PORT to a free one.`)
}

/** The port asked for and no other; says who has it when it is taken. */
export async function givenPort(host: string, asked: number): Promise<number> {
  const free = await opened(host, asked)
  if (free !== undefined) return free
  throw new Error(`Port ${asked} is held by ${await holderOf(asked)}. End it, or set PORT to a free one.`)
}

async function holderOf(port: number): Promise<string> {
  const holder = await whoHoldsPort(port)
  return holder ? `process ${holder.pid}${holder.command ? ` (${holder.command})` : ''}` : 'another process'
}

/** The number of the port once it could be opened (and was closed again); undefined when somebody else has it. */
function opened(host: string, asked: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen({ host, port: asked, exclusive: true }, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
