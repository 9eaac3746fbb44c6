import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import helmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { Failure } from '#kernel/errors/failure'
import { unknownRoute } from '#kernel/errors/platform-failures'

/** Paths that are never a page of the workspace: an unknown one below them is an unknown address. */
const otherPaths = /^\/(api|dev|docs|livez|readyz|assets)(\/|$)/
const staffPaths = /^\/staff(\/|\?|$)/
/** The one page below /dev: the component gallery, which production does not have. */
const galleryPath = /^\/dev\/components\/?(\?|$)/

/** Serves the built web: its assets for ever, the staff console's page below /staff, the workspace's everywhere else. */
export async function registerWeb(
  server: FastifyInstance,
  { folder, secure, demo, production }: { folder: string; secure: boolean; demo: boolean; production: boolean },
): Promise<void> {
  const built = (name: string) => readFileSync(join(folder, name), 'utf8')
  await server.register(async (scope) => {
    await scope.register(helmet, {
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'self'"],
          scriptSrc: ["'self'", ...inlineScripts(built('index.html') + built('console.html'))],
          imgSrc: ["'self'", 'data:'],
          objectSrc: ["'none'"],
          baseUri: ["'none'"],
          formAction: ["'self'"],
          frameAncestors: ["'none'"],
        },
      },
      strictTransportSecurity: secure,
      referrerPolicy: { policy: 'same-origin' },
    })
    await scope.register(fastifyStatic, {
      root: join(folder, 'assets'),
      prefix: '/assets/',
      immutable: true,
      maxAge: '1y',
      preCompressed: true,
      index: false,
    })
    scope.get('/*', async (request, reply) => {
      const isGallery = !production && galleryPath.test(request.url)
      if (otherPaths.test(request.url) && !isGallery) throw new Failure(unknownRoute)
      // Read for each visit (20 µs), because `tenantry dev` builds it anew while this serves.
      const page = built(staffPaths.test(request.url) ? 'console.html' : 'index.html')
      return reply
        .type('text/html; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(demo ? page.replace('<html', '<html data-demo') : page)
    })
  })
}

/** The page's own short scripts as sources of the content policy (CSP 3, 2.3.1): none but these texts may run. */
function inlineScripts(page: string): string[] {
  const texts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text ?? '')
  return texts.map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
}
