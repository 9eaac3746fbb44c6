import { job } from '#kernel/operation'
import { mailer, sender } from './ports.ts'
import { compose, type MailValues, type Template } from './templates.ts'

/** A message as it is asked for: which text, in which language, about what. */
export interface Mail<Name extends Template = Template> {
  readonly to: string
  readonly template: Name
  readonly locale: 'en' | 'es'
  readonly values: MailValues[Name]
}

/** Sends one mail after the commit. Its payload may hold a token, so it is wiped once the mail is out. */
export const sendMail = job<Mail & { id: string }>('mail.send', {
  target: 'control',
  secret: true,
  async run(ctx, mail) {
    const letter = compose(mail, ctx.port(sender))
    await ctx.port(mailer).deliver({ id: mail.id, to: mail.to, ...letter })
  },
})
