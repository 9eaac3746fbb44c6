import type { TestInstallation } from '../installation.ts'

/** The token in the link of a mail. */
export function tokenIn(mail: string): string {
  return /token=([\w-]+)/.exec(mail)?.[1] ?? ''
}

/** Begins the recovery of somebody who has a second factor, and takes the token to cancel it out of the notice. */
export async function begunRecovery(atlas: TestInstallation, email: string): Promise<string> {
  const token = await recoveryToken(atlas, email)
  await atlas.ask('POST', '/api/v1/account-recoveries/begin', { body: { token } })
  return tokenIn(await atlas.mailTo(email, '/cancel-recovery?token='))
}

export async function recoveryToken(atlas: TestInstallation, email: string): Promise<string> {
  await atlas.ask('POST', '/api/v1/account-recoveries', { body: { email } })
  return tokenIn(await atlas.mailTo(email, '/begin-recovery?token='))
}

/** Asks for another address in somebody's session, and takes the token out of the mail to it. */
export async function newAddressToken(atlas: TestInstallation, as: string, email: string): Promise<string> {
  await atlas.ask('POST', '/api/v1/me/email-changes', { as, body: { email } })
  return tokenIn(await atlas.mailTo(email, '/confirm-address?token='))
}
