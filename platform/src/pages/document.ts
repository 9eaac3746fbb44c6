import type { FastifyReply } from 'fastify'

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

/** Sends a page of the platform's own, without scripts: error explanations, the inbox of development. */
export function sendDocument(reply: FastifyReply, title: string, body: Markup, status = 200): FastifyReply {
  const page = html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="/docs/page.css"></head><body><main>${body}</main></body></html>`
  return reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'none'; style-src 'self'; frame-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
    .send(page.text)
}

/** Ledger's paper and ink, for pages that load nothing else. */
export const documentStyle = `:root{color-scheme:light dark;--paper:#FAF8F4;--ink:#1D1A16;--ink-2:#544E46;--rule:#E5E0D5;--accent:#14523A;--wash:#F4F1EA}
@media (prefers-color-scheme:dark){:root{--paper:#1D1A17;--ink:#F0EBE2;--ink-2:#BDB5A8;--rule:#342F29;--accent:#92C2A4;--wash:#282420}}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.6 ui-sans-serif,system-ui,sans-serif}
main{max-width:42rem;margin:0 auto;padding:3rem 1.25rem}
h1{font:480 1.75rem/1.2 Georgia,"Times New Roman",serif;margin:0 0 1rem}
h2{font-size:1rem;margin:2rem 0 .25rem}
a{color:var(--accent)}
code,pre{font:13px/1.5 ui-monospace,Menlo,monospace;background:var(--wash)}
pre{padding:1rem;overflow:auto;white-space:pre-wrap}
table{width:100%;border-collapse:collapse}
th{text-align:left;font-weight:500;color:var(--ink-2);border-bottom:1px solid var(--ink)}
td,th{padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--rule);vertical-align:top}
p.meta{color:var(--ink-2);margin:0 0 1rem}
iframe{width:100%;height:24rem;border:1px solid var(--rule);background:#fff}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:30rem){td:nth-child(3),th:nth-child(3){display:none}}
`
