import { randomBytes } from 'node:crypto'
import scalar from '@scalar/fastify-api-reference'
import type { FastifyInstance } from 'fastify'
import type { Operation } from '#kernel/operation'
import { openApiDocument } from '#kernel/surfaces/openapi'
import { ledgerPath } from './document.ts'

/** The kit's fonts and colours in the names that the reference has for them. */
const ledgerOfScalar = `@import url('${ledgerPath}fonts.css'); @import url('${ledgerPath}tokens.css');
:root { --scalar-font: var(--sans); --scalar-font-code: var(--mono) }
.light-mode, .dark-mode {
  --scalar-color-1: var(--ink); --scalar-color-2: var(--ink-2); --scalar-color-3: var(--ink-3); --scalar-color-accent: var(--accent-ink);
  --scalar-background-1: var(--paper); --scalar-background-2: var(--wash); --scalar-background-3: var(--wash-2);
  --scalar-background-accent: var(--accent-wash); --scalar-border-color: var(--rule-2); --scalar-sidebar-background-1: var(--wash);
}`

/** For each version the contract at `/api/v1/openapi.json`, and a page at `/api/v1/docs` where it can be read and tried. */
export async function registerReference(
  server: FastifyInstance,
  { operations, title }: { operations: readonly Operation[]; title: string },
): Promise<void> {
  for (const [version, ofVersion] of Map.groupBy(operations, (operation) => operation.version))
    await registerVersion(server, `/api/v${version}`, openApiDocument(ofVersion, { title, version: String(version) }))
}

async function registerVersion(server: FastifyInstance, prefix: `/${string}`, document: object): Promise<void> {
  const contract = JSON.stringify(document)
  server.get(`${prefix}/openapi.json`, async (_, reply) =>
    reply.type('application/json; charset=utf-8').header('cache-control', 'no-cache').send(contract),
  )
  await server.register(async (scope) => {
    scope.addHook('onSend', async (_, reply, payload) => withNonce(reply, payload))
    await scope.register(scalar, {
      routePrefix: `${prefix}/docs`,
      configuration: {
        url: `${prefix}/openapi.json`,
        theme: 'none',
        customCss: ledgerOfScalar,
        withDefaultFonts: false,
        hideDarkModeToggle: true,
        hideClientButton: true,
        telemetry: false,
        showDeveloperTools: 'never',
        agent: { disabled: true },
        mcp: { disabled: true },
      },
    })
  })
}

/** The reference's page starts itself by a script in the page and makes its own style element: both get this reply's nonce. */
function withNonce(
  reply: { header(name: string, value: string): unknown; getHeader(name: string): unknown },
  payload: unknown,
): unknown {
  if (typeof payload !== 'string' || !String(reply.getHeader('content-type')).startsWith('text/html')) return payload
  const nonce = randomBytes(16).toString('base64url')
  reply.header(
    'content-security-policy',
    [
      "default-src 'self'",
      `script-src 'self' 'nonce-${nonce}'`,
      `style-src 'self' 'nonce-${nonce}'`,
      "img-src 'self' data:",
      "font-src 'self' data:",
      "worker-src 'self' blob:",
      "object-src 'none'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
  )
  reply.header('x-content-type-options', 'nosniff')
  return payload
    .replaceAll('<script', `<script nonce="${nonce}"`)
    .replaceAll('<style', `<style nonce="${nonce}"`)
    .replace('<head>', `<head><meta property="csp-nonce" content="${nonce}">`)
}
