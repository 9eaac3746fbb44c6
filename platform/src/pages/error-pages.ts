import type { FastifyInstance } from 'fastify'
import { declaredFailures } from '#kernel/errors/failure'
import { documentStyle, html, sendDocument } from './document.ts'

/** A page for every failure code: where the `type` of a problem document leads. */
export function registerErrorPages(server: FastifyInstance): void {
  server.get('/docs/page.css', async (_, reply) =>
    reply.type('text/css; charset=utf-8').header('cache-control', 'max-age=3600').send(documentStyle),
  )
  server.get('/docs/errors', async (_, reply) => {
    const rows = declaredFailures().map(
      ({ code, status, title }) =>
        html`<tr><td><a href="/docs/errors/${code}"><code>${code}</code></a></td><td>${String(status)}</td><td>${title}</td></tr>`,
    )
    return sendDocument(
      reply,
      'Error codes',
      html`<h1>Error codes</h1><table><thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead><tbody>${rows}</tbody></table>`,
    )
  })
  server.get<{ Params: { code: string } }>('/docs/errors/:code', async (request, reply) => {
    const kind = declaredFailures().find(({ code }) => code === request.params.code)
    if (!kind)
      return sendDocument(
        reply,
        'Unknown code',
        html`<h1>There is no such code</h1><p><a href="/docs/errors">All error codes</a></p>`,
        404,
      )
    return sendDocument(
      reply,
      kind.code,
      html`<p class="meta"><a href="/docs/errors">Error codes</a></p><h1>${kind.title}</h1><p class="meta"><code>${kind.code}</code>, HTTP status ${String(kind.status)}</p><p>${kind.help}</p>`,
    )
  })
}
