import type { Writer, Writers } from './templates.ts'

/** What people are told of their own account: whatever they did not do themselves, they must hear of. */

export type AccountChange =
  | 'password_changed'
  | 'authenticator_added'
  | 'authenticator_removed'
  | 'recovery_codes_renewed'
  | 'passkey_added'
  | 'passkey_removed'
  | 'recovery_cancelled'
  | 'recovery_completed'

/** `at`: ISO 8601 UTC. `address`: where it was done from, if that is known. */
interface Circumstances {
  at: string
  address: string | null
}

export interface AccountMailValues {
  'account-changed': Circumstances & { change: AccountChange }
  'new-sign-in': Circumstances & { program: string }
  'confirm-address': { token: string }
  'confirm-recovery': { token: string }
  /** `dueAt`: when it is done, ISO 8601 UTC. */
  'recovery-begun': { token: string; dueAt: string }
  /** To the old address; `email`: the new one. */
  'address-changed': { token: string; email: string }
}

type Locale = 'en' | 'es'

const changed: Readonly<Record<AccountChange, Readonly<Record<Locale, string>>>> = {
  password_changed: { en: 'Your password was changed', es: 'Se ha cambiado tu contraseña' },
  authenticator_added: {
    en: 'An authenticator app was added to your account',
    es: 'Se ha añadido una aplicación de autenticación a tu cuenta',
  },
  authenticator_removed: {
    en: 'The authenticator app was removed from your account',
    es: 'Se ha eliminado la aplicación de autenticación de tu cuenta',
  },
  recovery_codes_renewed: {
    en: 'New recovery codes were made for your account',
    es: 'Se han creado códigos de recuperación nuevos para tu cuenta',
  },
  passkey_added: {
    en: 'A passkey was added to your account',
    es: 'Se ha añadido una llave de acceso a tu cuenta',
  },
  passkey_removed: {
    en: 'A passkey was removed from your account',
    es: 'Se ha eliminado una llave de acceso de tu cuenta',
  },
  recovery_cancelled: {
    en: 'The recovery of your account was cancelled',
    es: 'Se ha cancelado la recuperación de tu cuenta',
  },
  recovery_completed: {
    en: 'Your account was recovered: its second factors were removed and all sessions have ended',
    es: 'Se ha recuperado tu cuenta: se han eliminado sus segundos factores y se han cerrado todas las sesiones',
  },
}

const accountChanged = (locale: Locale): Writer<'account-changed'> => {
  const ifNotYou = {
    en: 'If that was you, there is nothing to do. If not, choose a new password at once: that ends all sessions.',
    es: 'Si has sido tú, no hay nada que hacer. Si no, elige una contraseña nueva ahora mismo: eso cierra todas las sesiones.',
  }[locale]
  const label = { en: 'Look at your account', es: 'Ver tu cuenta' }[locale]
  return ({ change, ...circumstances }, { productName, publicUrl }) => ({
    subject: `${changed[change][locale]} (${productName})`,
    paragraphs: [`${changed[change][locale]}${circumstancesIn(locale, circumstances)}.`, ifNotYou],
    action: { label, url: `${publicUrl}/account/security` },
  })
}

/** `, on 21 November 2026 at 19:03 UTC, from 192.0.2.7` */
function circumstancesIn(locale: Locale, { at, address }: Circumstances): string {
  const when = instantIn(locale, at)
  const where = address === null ? '' : { en: `, from ${address}`, es: `, desde ${address}` }[locale]
  return `${{ en: `, on ${when}`, es: `, el ${when}` }[locale]}${where}`
}

/** `21 November 2026 at 19:03 UTC` */
function instantIn(locale: Locale, at: string): string {
  const format = new Intl.DateTimeFormat(locale === 'es' ? 'es' : 'en-GB', {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return `${format.format(new Date(at))} UTC`
}

export const accountWriters: Pick<Writers, keyof AccountMailValues> = {
  'account-changed': { en: accountChanged('en'), es: accountChanged('es') },
  'confirm-address': {
    en: ({ token }, { productName, publicUrl }) => ({
      subject: `Confirm the new address of your ${productName} account`,
      paragraphs: [
        'Confirm that this address is yours, and your account has it from then on. The link works once, for 24 hours.',
        'If you did not ask for this, ignore this message: nothing changes.',
      ],
      action: { label: 'Use this address', url: `${publicUrl}/confirm-address?token=${token}` },
    }),
    es: ({ token }, { productName, publicUrl }) => ({
      subject: `Confirma la dirección nueva de tu cuenta de ${productName}`,
      paragraphs: [
        'Confirma que esta dirección es tuya y tu cuenta la tendrá desde entonces. El enlace sirve una vez, durante 24 horas.',
        'Si no lo has pedido, ignora este mensaje: nada cambia.',
      ],
      action: { label: 'Usar esta dirección', url: `${publicUrl}/confirm-address?token=${token}` },
    }),
  },
  'address-changed': {
    en: ({ token, email }, { productName, publicUrl }) => ({
      subject: `The address of your ${productName} account was changed`,
      paragraphs: [
        `Your account now has the address ${email}. If that was not you, undo it: for 72 hours this link brings the old address back, ends all sessions, and lets you choose a new password.`,
        'If it was you, there is nothing to do.',
      ],
      action: { label: 'Undo the change', url: `${publicUrl}/undo-address?token=${token}` },
    }),
    es: ({ token, email }, { productName, publicUrl }) => ({
      subject: `Se ha cambiado la dirección de tu cuenta de ${productName}`,
      paragraphs: [
        `Tu cuenta tiene ahora la dirección ${email}. Si no has sido tú, deshazlo: durante 72 horas este enlace recupera la dirección antigua, cierra todas las sesiones y te deja elegir una contraseña nueva.`,
        'Si has sido tú, no hay nada que hacer.',
      ],
      action: { label: 'Deshacer el cambio', url: `${publicUrl}/undo-address?token=${token}` },
    }),
  },
  'confirm-recovery': {
    en: ({ token }, { productName, publicUrl }) => ({
      subject: `Recover your ${productName} account`,
      paragraphs: [
        'Somebody asked to recover this account without a second factor. Begin here, within 24 hours; it is done 72 hours later. If you have a recovery code, sign in with it instead: that takes no time.',
        'If that was not you, ignore this message: nothing happens.',
      ],
      action: { label: 'Begin the recovery', url: `${publicUrl}/begin-recovery?token=${token}` },
    }),
    es: ({ token }, { productName, publicUrl }) => ({
      subject: `Recupera tu cuenta de ${productName}`,
      paragraphs: [
        'Alguien ha pedido recuperar esta cuenta sin segundo factor. Empieza aquí, en las próximas 24 horas; termina 72 horas después. Si tienes un código de recuperación, entra con él: no tarda nada.',
        'Si no has sido tú, ignora este mensaje: no pasa nada.',
      ],
      action: { label: 'Empezar la recuperación', url: `${publicUrl}/begin-recovery?token=${token}` },
    }),
  },
  'recovery-begun': {
    en: ({ token, dueAt }, { productName, publicUrl }) => ({
      subject: `Your ${productName} account will lose its second factors`,
      paragraphs: [
        `On ${instantIn('en', dueAt)} the second factors of your account are removed and all sessions end. If you did not ask for this, cancel it now. Signing in with a passkey, a code of your app or a recovery code cancels it, too.`,
        'If it was you, sign in with your password after that time.',
      ],
      action: { label: 'Cancel the recovery', url: `${publicUrl}/cancel-recovery?token=${token}` },
    }),
    es: ({ token, dueAt }, { productName, publicUrl }) => ({
      subject: `Tu cuenta de ${productName} perderá sus segundos factores`,
      paragraphs: [
        `El ${instantIn('es', dueAt)} se eliminan los segundos factores de tu cuenta y se cierran todas las sesiones. Si no lo has pedido, cancélalo ahora. Entrar con una llave de acceso, un código de tu aplicación o un código de recuperación también lo cancela.`,
        'Si has sido tú, entra con tu contraseña después de ese momento.',
      ],
      action: { label: 'Cancelar la recuperación', url: `${publicUrl}/cancel-recovery?token=${token}` },
    }),
  },
  'new-sign-in': {
    en: ({ program, ...circumstances }, { productName, publicUrl }) => ({
      subject: `New sign-in to your ${productName} account`,
      paragraphs: [
        `Somebody signed in to your account with ${program}${circumstancesIn('en', circumstances)}. Nobody has signed in like that before.`,
        'If that was you, there is nothing to do. If not, sign that device out and choose a new password at once.',
      ],
      action: { label: 'See where you are signed in', url: `${publicUrl}/account` },
    }),
    es: ({ program, ...circumstances }, { productName, publicUrl }) => ({
      subject: `Nuevo inicio de sesión en tu cuenta de ${productName}`,
      paragraphs: [
        `Alguien ha entrado en tu cuenta con ${program}${circumstancesIn('es', circumstances)}. Nadie había entrado así antes.`,
        'Si has sido tú, no hay nada que hacer. Si no, cierra esa sesión y elige una contraseña nueva ahora mismo.',
      ],
      action: { label: 'Ver dónde has entrado', url: `${publicUrl}/account` },
    }),
  },
}
