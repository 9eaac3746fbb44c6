import type { TestInstallation } from '../installation.ts'

/** The token in the link of a mail. */
export function tokenIn(mail: string): string {
  return /token=([\w-]+)/.exec(mail)?.[1] ?? ''
}

/** Asks for another address in somebody's session, and takes the token out of the mail to it. */
export async function newAddressToken(atlas: TestInstallation, as: string, email: string): Promise<string> {
  await atlas.ask('POST', '/api/v1/me/email-changes', { as, body: { email } })
  return tokenIn(await atlas.mailTo(email, '/confirm-address?token='))
}
