import { once } from 'node:events'
import { join } from 'node:path'
import type { Subject } from '../http/load.ts'
import type { Servers } from '../http/servers.ts'
import { startServer } from '../server-process.ts'

let started = 0

/** A process whose limits come and go: two processes of the same code differ by more than limits cost. */
export interface LimitedSubject extends Subject {
  /** Reads in a minute; null: no limits at all, as at first. */
  limitReads(readLimit: number | null): Promise<void>
}

/** So many processes of the product, over the databases of the benchmark `http`. `redisUrl`: where they count, if not there. */
export function startLimited(
  stack: AsyncDisposableStack,
  servers: Servers,
  count: number,
  { redisUrl }: { readonly redisUrl?: string } = {},
): Promise<LimitedSubject[]> {
  const { databases, folder, ours } = servers
  const start = async (): Promise<LimitedSubject> => {
    const { pid, child, failed } = startServer(stack, {
      nodeArguments: ['--conditions=source', '--no-allocation-site-pretenuring', 'bench/limits/limited-server.ts'],
      environment: {
        BENCH_DATABASES: JSON.stringify(databases),
        BENCH_FOLDER: folder,
        ...(redisUrl === undefined ? {} : { BENCH_REDIS_URL: redisUrl }),
      },
      outputFile: join(folder, `limited-output-${++started}`),
    })
    const [{ port }] = (await Promise.race([once(child, 'message'), failed])) as [{ port: number }]
    const limitReads = async (readLimit: number | null) => {
      child.send({ readLimit })
      await Promise.race([once(child, 'message'), failed])
    }
    return { pid, url: `http://127.0.0.1:${port}`, postgresPid: ours.postgresPid, limitReads }
  }
  return Promise.all(Array.from({ length: count }, start))
}
