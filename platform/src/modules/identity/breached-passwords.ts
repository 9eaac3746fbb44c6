import type { OpenCtx } from '#kernel/context'
import { Failure } from '#kernel/errors/failure'
import { weaknessOf } from './common-passwords.ts'
import { passwordWeak } from './failures.ts'
import { breachedPasswords } from './ports.ts'

/** Whoever knows which passwords have leaked. */
export interface BreachedPasswords {
  /** Never throws, and takes two seconds at most: false also when it cannot be told at the moment. */
  includes(password: string): Promise<boolean>
}

/** The list that comes with the platform. */
export const commonPasswords: BreachedPasswords = {
  includes: async (password) => weaknessOf(password) === 'common',
}

/** Fails with `password_weak`. Before an operation's first statement: a server may be asked, which takes its time. */
export async function refuseBreached(ctx: OpenCtx, password: string, field: string): Promise<void> {
  if (!(await ctx.port(breachedPasswords).includes(password))) return
  const detail = 'This is among the first that an attacker tries.'
  throw new Failure(passwordWeak, { errors: [{ pointer: `#/${field}`, code: 'common', detail }] })
}
