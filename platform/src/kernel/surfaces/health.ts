import type { FastifyInstance } from 'fastify'

/** Whether the process can serve; each check throws when it cannot. */
export interface Health {
  readonly checks: Readonly<Record<string, () => Promise<void>>>
  /** False from the moment of shutdown: load balancers stop sending before connections are closed. */
  accepting(): boolean
}

const checkTimeoutMs = 2_000

/**
 * `/livez`: the process runs; it never asks a dependency, or an outage of the database would restart every process.
 * `/readyz`: it can serve; 503 with what failed otherwise. (Kubernetes, "Liveness, Readiness and Startup Probes".)
 */
export function registerHealth(server: FastifyInstance, health: Health): void {
  server.get('/livez', { logLevel: 'silent' }, async (_, reply) =>
    reply.header('cache-control', 'no-store').send({ status: 'live' }),
  )
  server.get('/readyz', { logLevel: 'silent' }, async (_, reply) => {
    const failed = health.accepting() ? await failedChecks(health) : ['shutting down']
    const ready = failed.length === 0
    return reply
      .code(ready ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({ status: ready ? 'ready' : 'not ready', failed })
  })
}

async function failedChecks({ checks }: Health): Promise<string[]> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => {
      const timeout = new Promise<never>((_, reject) =>
        setTimeout(() => reject(new Error('too slow')), checkTimeoutMs).unref(),
      )
      return Promise.race([check(), timeout]).then(
        () => undefined,
        () => name,
      )
    }),
  )
  return results.filter((name) => name !== undefined)
}
