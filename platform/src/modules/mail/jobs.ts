import { job } from '#kernel/operation'
import { port } from '#kernel/port'
import { compose, type MailValues, type Template } from './templates.ts'

/** A message as it is asked for: which text, in which language, about what. */
export interface Mail<Name extends Template = Template> {
  readonly to: string
  readonly template: Name
  readonly locale: 'en' | 'es'
  readonly values: MailValues[Name]
}

/** A message ready to be sent. */
export interface Letter {
  /** The same for every attempt at one message: receivers and the embedded inbox recognise a repetition. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Hands a letter over to whoever delivers it. Throws when that fails; it is then tried again. */
export interface Mailer {
  deliver(letter: Letter): Promise<void>
}

export const mailer = port<Mailer>('mailer')

/** How links in mails begin: the product's name and public origin. */
export interface Sender {
  readonly productName: string
  readonly publicUrl: string
}

export const sender = port<Sender>('sender')

/** Sends one mail after the commit. Its payload may hold a token, so it is wiped once the mail is out. */
export const sendMail = job<Mail & { id: string }>('mail.send', {
  target: 'control',
  secret: true,
  async run(ctx, mail) {
    const letter = compose(mail, ctx.port(sender))
    await ctx.port(mailer).deliver({ id: mail.id, to: mail.to, ...letter })
  },
})
