import type { FastifyInstance } from 'fastify'
import { declaredFailures } from '#kernel/errors/failure'
import { html, type Markup, registerLedger, sendDocument } from './document.ts'

/** A page for every failure code: where the `type` of a problem document leads. */
export async function registerErrorPages(server: FastifyInstance): Promise<void> {
  await registerLedger(server)
  server.get('/docs/errors', async (_, reply) => {
    const rows = declaredFailures().map(
      ({ code, status, title }) =>
        html`<tr><th scope="row" class="lead"><a class="mono" href="/docs/errors/${code}">${code}</a></th><td>${String(status)}</td><td>${title}</td></tr>`,
    )
    return sendDocument(
      reply,
      'Error codes',
      html`<h1>Error codes</h1><table class="ledger"><thead><tr><th scope="col">Code</th><th scope="col">Status</th><th scope="col">Meaning</th></tr></thead><tbody>${rows}</tbody></table>`,
    )
  })
  server.get<{ Params: { code: string } }>('/docs/errors/:code', async (request, reply) => {
    const kind = declaredFailures().find(({ code }) => code === request.params.code)
    if (!kind)
      return sendDocument(
        reply,
        'Unknown code',
        html`<h1>There is no such code</h1><p><a class="link" href="/docs/errors">All error codes</a></p>`,
        404,
      )
    return sendDocument(
      reply,
      kind.code,
      html`<p class="crumbs"><a href="/docs/errors">Error codes</a></p><h1>${kind.title}</h1><p class="quiet"><code class="mono">${kind.code}</code>, HTTP status ${String(kind.status)}</p><p>${withCode(kind.help)}</p>`,
    )
  })
}

/** What stands between backticks is something to type. */
function withCode(help: string): Markup[] {
  return help
    .split('`')
    .map((part, index) => (index % 2 === 1 ? html`<code class="mono">${part}</code>` : html`${part}`))
}
