import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply } from 'fastify'

/** Text put into HTML as `html\`…${text}\``: escaped, so that no value becomes markup. */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly (string | Markup | readonly Markup[])[]
): Markup {
  return new Markup(String.raw({ raw: strings }, ...values.map(markupOf)))
}

/** Markup that is safe as it is. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

function markupOf(value: string | Markup | readonly Markup[]): string {
  if (value instanceof Markup) return value.text
  if (typeof value === 'string') return value.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
  return value.map((each) => each.text).join('')
}

/** Where pages that are not built find the kit's style sheets and fonts. */
export const ledgerPath = '/docs/ledger/'

/** Serves the style sheets and fonts of the component kit as they are in its folder. */
export async function registerLedger(server: FastifyInstance): Promise<void> {
  await server.register(fastifyStatic, {
    // The same from the sources and from what was compiled from them: both are one folder below the package.
    root: join(import.meta.dirname, '..', '..', 'src', 'ui'),
    prefix: ledgerPath,
    allowedPath: (path) => /\.(css|woff2)$/.test(path),
    index: false,
    decorateReply: false,
    maxAge: '1h',
  })
}

/** Sends a page of the platform's own, without scripts: error explanations, the inbox of development. */
export function sendDocument(reply: FastifyReply, title: string, body: Markup, status = 200): FastifyReply {
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="${ledgerPath}ledger.css"></head><body><main class="main narrow document">${body}</main></body></html>`
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; font-src 'self'; frame-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .send(page.text)
}
