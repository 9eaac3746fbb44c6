import { port } from '#kernel/port'

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
