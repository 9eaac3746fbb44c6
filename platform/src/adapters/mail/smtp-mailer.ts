import nodemailer, { type Transporter } from 'nodemailer'
import type { Letter, Mailer } from '#modules/mail'

const connectionTimeoutMs = 10_000

/** Hands letters to an SMTP server (RFC 5321). The letter's id is its Message-ID, so that a repetition is recognised. */
export class SmtpMailer implements Mailer {
  readonly #transport: Transporter
  readonly #from: string

  /** `url`: smtp://user:password@host:587 or smtps://…; plain SMTP upgrades by STARTTLS where the server offers it. */
  constructor(settings: { url: string; from: string }) {
    this.#from = settings.from
    this.#transport = nodemailer.createTransport(settings.url, {
      connectionTimeout: connectionTimeoutMs,
      greetingTimeout: connectionTimeoutMs,
      socketTimeout: connectionTimeoutMs,
    } as object)
  }

  async deliver({ id, to, subject, text, html }: Letter): Promise<void> {
    const domain = /@([^>\s]+)/.exec(this.#from)?.[1] ?? 'localhost'
    await this.#transport.sendMail({ from: this.#from, to, subject, text, html, messageId: `<${id}@${domain}>` })
  }
}
