import { once } from 'node:events'
import { join } from 'node:path'
import type { Subject } from '../http/load.ts'
import type { Servers } from '../http/servers.ts'
import { startServer } from '../server-process.ts'

let started = 0

/** How the processes that are started are limited, and where they count. */
export interface Limited {
  /** Reads in a minute; absent: no limits at all. */
  readonly readLimit?: number
  readonly redisUrl?: string
}

/** So many processes of the product, over the databases of the benchmark `http`. */
export function startLimited(
  stack: AsyncDisposableStack,
  servers: Servers,
  count: number,
  { readLimit, redisUrl }: Limited,
): Promise<Subject[]> {
  const { databases, folder, ours } = servers
  const start = async (): Promise<Subject> => {
    const { pid, child, failed } = startServer(stack, {
      nodeArguments: ['--conditions=source', '--no-allocation-site-pretenuring', 'bench/limits/limited-server.ts'],
      environment: {
        BENCH_DATABASES: JSON.stringify(databases),
        BENCH_FOLDER: folder,
        ...(readLimit === undefined ? {} : { BENCH_READ_LIMIT: String(readLimit) }),
        ...(redisUrl === undefined ? {} : { BENCH_REDIS_URL: redisUrl }),
      },
      outputFile: join(folder, `limited-output-${++started}`),
    })
    const [{ port }] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }]
    return { pid, url: `http://127.0.0.1:${port}`, postgresPid: ours.postgresPid }
  }
  return Promise.all(Array.from({ length: count }, start))
}
