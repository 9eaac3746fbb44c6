import type { FastifyInstance } from 'fastify'
import type { EmbeddedInbox, ReceivedLetter } from '../adapters/mail/embedded-inbox.ts'
import { html, type Markup, sendDocument } from './document.ts'

/** The mails of development: a page at `/dev/inbox`, one for each mail, and all as JSON at `/dev/inbox.json`, newest first. */
export function registerInbox(server: FastifyInstance, inbox: EmbeddedInbox): void {
  server.get('/dev/inbox.json', async (_, reply) =>
    reply.header('cache-control', 'no-store').send({ items: await inbox.letters() }),
  )
  server.get('/dev/inbox', async (_, reply) => sendDocument(reply, 'Inbox', inboxPage(await inbox.letters())))
  server.get<{ Params: { id: string } }>('/dev/inbox/:id', async (request, reply) => {
    const letter = (await inbox.letters()).find(({ id }) => id === request.params.id)
    if (!letter)
      return sendDocument(
        reply,
        'Inbox',
        html`<h1>There is no such mail</h1><p><a class="link" href="/dev/inbox">Inbox</a></p>`,
        404,
      )
    return sendDocument(reply, letter.subject, letterPage(letter))
  })
}

function inboxPage(letters: readonly ReceivedLetter[]): Markup {
  if (letters.length === 0) {
    return html`<h1>Inbox</h1><p>No mail yet. Messages that the product sends while you develop arrive here instead of being sent: sign up, or invite somebody.</p>`
  }
  const rows = letters.map(
    ({ id, to, subject, receivedAt }) =>
      html`<tr><th scope="row" class="lead"><a href="/dev/inbox/${id}">${subject}</a></th><td>${to}</td><td class="number">${receivedAt.slice(11, 19)}</td></tr>`,
  )
  return html`<h1>Inbox</h1><p class="quiet">Mail of this development installation, newest first. Nothing here was sent.</p>
<table class="ledger"><thead><tr><th scope="col">Subject</th><th scope="col">To</th><th scope="col" class="number">Time, UTC</th></tr></thead><tbody>${rows}</tbody></table>`
}

function letterPage({ to, subject, receivedAt, text }: ReceivedLetter): Markup {
  const paragraphs = text
    .split('\n\n')
    .map((paragraph) =>
      /^https?:\/\/\S+$/.test(paragraph)
        ? html`<p><a class="link" href="${paragraph}">${paragraph}</a></p>`
        : html`<p>${paragraph}</p>`,
    )
  return html`<p class="crumbs"><a href="/dev/inbox">Inbox</a></p><h1>${subject}</h1><p class="quiet">To ${to}, ${receivedAt}</p>${paragraphs}`
}
