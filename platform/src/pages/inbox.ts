import type { FastifyInstance } from 'fastify'
import type { EmbeddedInbox } from '../adapters/mail/embedded-inbox.ts'

/** The mails of development: a page at `/dev/inbox` and the same as JSON at `/dev/inbox.json`, newest first. */
export function registerInbox(server: FastifyInstance, inbox: EmbeddedInbox): void {
  server.get('/dev/inbox.json', async (_, reply) => reply.header('cache-control', 'no-store').send({ items: await inbox.letters() }))
}
