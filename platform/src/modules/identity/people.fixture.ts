import { BetterAuthProvider } from './better-auth.ts'
import type { TestDatabase } from './database.fixture.ts'
import { PasswordHashing } from './password-hashing.ts'
import type { Message } from './provider.ts'

export const provider = new BetterAuthProvider(new PasswordHashing())
export const password = 'demo-password-1'

/** Signs somebody up, without confirming the address, and returns the token that was mailed. */
export async function signUp(database: TestDatabase, email: string, withPassword = password) {
  const input = { email, password: withPassword, name: 'Ada', locale: 'en' as const }
  const { userId, message } = await database.transact((context) => provider.signUp(context, input))
  if (!userId) throw new Error(`${email} had an account before`)
  return { userId, token: tokenOf(message) }
}

/** Somebody with a confirmed address. */
export async function createPerson(database: TestDatabase, email: string, withPassword = password): Promise<string> {
  const { userId, token } = await signUp(database, email, withPassword)
  await database.transact((context) => provider.verifyEmail(context, { token }))
  return userId
}

export function signIn(database: TestDatabase, email: string, withPassword = password) {
  return database.transact((context) => provider.signIn(context, { email, password: withPassword }))
}

export function tokenOf(message: Message | null): string {
  if (!message || !('token' in message.values)) throw new Error('the message carries no token')
  return message.values.token
}

/** For `assert.rejects`: a failure of ours with this code. */
export function failing(code: string) {
  return (error: unknown) => (error as { kind?: { code?: string } }).kind?.code === code
}
