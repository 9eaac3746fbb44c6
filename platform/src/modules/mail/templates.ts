import { type AccountMailValues, accountWriters } from './account-templates.ts'
import type { Mail } from './jobs.ts'
import type { Sender } from './ports.ts'

/** What each template is filled in with. */
export interface MailValues extends AccountMailValues {
  'verify-email': { token: string }
  'reset-password': { token: string }
  'account-exists': Record<never, never>
  invitation: { tenant: string; inviter: string; token: string; days: number }
  /** `wish`: what waits for an answer, or that support is in because it is always let in. */
  support: { tenant: string; slug: string; staff: string; reason: string; wish: 'look' | 'change' | 'looks' }
}
export type Template = keyof MailValues

/** A mail's words: a subject, paragraphs, and a button with its address. */
interface Words {
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly action: { readonly label: string; readonly url: string }
}

export type Writer<Name extends Template> = (values: MailValues[Name], sender: Sender) => Words
type Locale = Mail['locale']

export type Writers = { readonly [Name in Template]: Readonly<Record<Locale, Writer<Name>>> }

const writers: Writers = {
  ...accountWriters,
  'verify-email': {
    en: ({ token }, { productName, publicUrl }) => ({
      subject: `Confirm your e-mail address for ${productName}`,
      paragraphs: [
        'Confirm that this address is yours to finish signing up. The link works once, for 24 hours.',
        'If you did not sign up, ignore this message.',
      ],
      action: { label: 'Confirm address', url: `${publicUrl}/verify?token=${token}` },
    }),
    es: ({ token }, { productName, publicUrl }) => ({
      subject: `Confirma tu dirección de correo para ${productName}`,
      paragraphs: [
        'Confirma que esta dirección es tuya para terminar el registro. El enlace sirve una vez, durante 24 horas.',
        'Si no te has registrado, ignora este mensaje.',
      ],
      action: { label: 'Confirmar dirección', url: `${publicUrl}/verify?token=${token}` },
    }),
  },
  'reset-password': {
    en: ({ token }, { productName, publicUrl }) => ({
      subject: `Choose a new password for ${productName}`,
      paragraphs: [
        'Somebody asked to reset the password of this account. The link works once, for one hour.',
        'If that was not you, ignore this message: your password stays as it is.',
      ],
      action: { label: 'Choose a new password', url: `${publicUrl}/reset?token=${token}` },
    }),
    es: ({ token }, { productName, publicUrl }) => ({
      subject: `Elige una contraseña nueva para ${productName}`,
      paragraphs: [
        'Alguien ha pedido restablecer la contraseña de esta cuenta. El enlace sirve una vez, durante una hora.',
        'Si no has sido tú, ignora este mensaje: tu contraseña no cambia.',
      ],
      action: { label: 'Elegir contraseña', url: `${publicUrl}/reset?token=${token}` },
    }),
  },
  'account-exists': {
    en: (_, { productName, publicUrl }) => ({
      subject: `You already have a ${productName} account`,
      paragraphs: [
        'Somebody tried to sign up with this address, which already has an account. Sign in with it, or reset the password if you have forgotten it.',
        'If that was not you, there is nothing to do.',
      ],
      action: { label: 'Sign in', url: `${publicUrl}/sign-in` },
    }),
    es: (_, { productName, publicUrl }) => ({
      subject: `Ya tienes una cuenta de ${productName}`,
      paragraphs: [
        'Alguien ha intentado registrarse con esta dirección, que ya tiene una cuenta. Entra con ella, o restablece la contraseña si la has olvidado.',
        'Si no has sido tú, no hay nada que hacer.',
      ],
      action: { label: 'Entrar', url: `${publicUrl}/sign-in` },
    }),
  },
  invitation: {
    en: ({ tenant, inviter, token, days }, { productName, publicUrl }) => ({
      subject: `${inviter} invites you to ${tenant} on ${productName}`,
      paragraphs: [
        `${inviter} would like you to join ${tenant}. The link works once, for ${days} days, and only for this address.`,
        'If you do not know them, ignore this message.',
      ],
      action: { label: `Join ${tenant}`, url: `${publicUrl}/invitation?token=${token}` },
    }),
    es: ({ tenant, inviter, token, days }, { productName, publicUrl }) => ({
      subject: `${inviter} te invita a ${tenant} en ${productName}`,
      paragraphs: [
        `${inviter} quiere que te unas a ${tenant}. El enlace sirve una vez, durante ${days} días, y solo para esta dirección.`,
        'Si no conoces a esta persona, ignora este mensaje.',
      ],
      action: { label: `Unirse a ${tenant}`, url: `${publicUrl}/invitation?token=${token}` },
    }),
  },
  support: {
    en: ({ tenant, slug, staff, reason, wish }, { productName, publicUrl }) => ({
      subject: `${staff} ${supportWishes.en[wish]} ${tenant}`,
      paragraphs: [
        `${staff} of ${productName} ${supportWishes.en[wish]} ${tenant}: ${reason}`,
        'You see there what is read and changed, and can end it at any time.',
      ],
      action: { label: 'Support access', url: `${publicUrl}/o/${slug}/support` },
    }),
    es: ({ tenant, slug, staff, reason, wish }, { productName, publicUrl }) => ({
      subject: `${staff} ${supportWishes.es[wish]} ${tenant}`,
      paragraphs: [
        `${staff}, de ${productName}, ${supportWishes.es[wish]} ${tenant}: ${reason}`,
        'Allí ves lo que se lee y se cambia, y puedes terminarlo en cualquier momento.',
      ],
      action: { label: 'Acceso de soporte', url: `${publicUrl}/o/${slug}/support` },
    }),
  },
}

const supportWishes = {
  en: { look: 'asks to look into', change: 'asks to change something in', looks: 'looks into' },
  es: { look: 'pide entrar en', change: 'pide cambiar algo en', looks: 'ha entrado en' },
} as const

/** Writes a mail's subject and its two bodies. Values are put in as text: nobody's name can become markup. */
export function compose<Name extends Template>(
  mail: Pick<Mail<Name>, 'template' | 'locale' | 'values'>,
  sender: Sender,
): { subject: string; text: string; html: string } {
  const { subject, paragraphs, action } = writers[mail.template][mail.locale](mail.values, sender)
  const text = [...paragraphs.slice(0, 1), action.url, ...paragraphs.slice(1), sender.productName].join('\n\n')
  const block = (paragraph: string) => `<p style="margin:0 0 16px">${escapeHtml(paragraph)}</p>`
  const html = `<!doctype html><html lang="${mail.locale}"><meta charset="utf-8"><title>${escapeHtml(subject)}</title>
<body style="margin:0;background:#FAF8F4;color:#1D1A16;font:16px/1.6 system-ui,sans-serif"><div style="max-width:520px;margin:0 auto;padding:40px 24px">
<p style="margin:0 0 24px;font:21px/1.3 Georgia,serif">${escapeHtml(sender.productName)}</p>
${paragraphs.slice(0, 1).map(block).join('')}
<p style="margin:24px 0"><a href="${escapeHtml(action.url)}" style="display:inline-block;padding:10px 20px;border-radius:4px;background:#14523A;color:#FBFAF6;text-decoration:none">${escapeHtml(action.label)}</a></p>
${paragraphs.slice(1).map(block).join('')}</div></body></html>`
  return { subject, text, html }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
