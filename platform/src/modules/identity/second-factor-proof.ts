import type { OpenCtx } from '#kernel/context'
import { Failure } from '#kernel/errors/failure'
import { authenticatorMissing, codeWrong, external, factorNeeded, passkeyRefused } from './failures.ts'
import { secondFactorCode } from './model.ts'
import { PasskeyAssertion } from './passkey-model.ts'
import { identityProvider, passkeys, secondFactors, throttle } from './ports.ts'
import type { CodeKind } from './second-factors.ts'

/** How a second factor is proved, wherever it is asked for: with a code or with a passkey. */

/** Fields of an input. With neither of them the code is wrong, and the answer says that none came. */
export const secondFactorProof = () => ({
  code: secondFactorCode().optional(),
  passkey: PasskeyAssertion.optional().describe('What a passkey answered to `passkeys.challenge`.'),
})

/** What an operation that asks for it can fail with. */
export const proofFailures = [codeWrong, authenticatorMissing, passkeyRefused, external]

/** Takes part in the operation's transaction; attempts are counted before (see `countAttempt`). */
export async function proveSecondFactor(
  ctx: OpenCtx,
  userId: string,
  { code, passkey }: { code?: string | undefined; passkey?: PasskeyAssertion | undefined },
): Promise<CodeKind | 'passkey'> {
  if (!passkey) {
    if (code === undefined) throw new Failure(codeWrong, noProof)
    return ctx.port(secondFactors).prove(ctx, userId, code)
  }
  await ctx.port(passkeys).verify(ctx, passkey, userId)
  return 'passkey'
}

const noProof = {
  detail: 'Neither a code nor a passkey was sent.',
  errors: [{ pointer: '#/code', code: 'required', detail: 'Send `code`, or `passkey`.' }],
}

/** An outside issuer asks for whatever it wants itself. */
export function requireOwnAccounts(ctx: OpenCtx): void {
  if (ctx.port(identityProvider).tokenFrom !== 'cookie') throw new Failure(external)
}

/** Before the operation's first statement: see throttle.ts. */
export async function countAttempt(ctx: OpenCtx, userId: string): Promise<void> {
  await ctx.port(throttle).count('second-factor', { account: userId, address: ctx.address })
}

export async function forgiveAttempt(ctx: OpenCtx, userId: string): Promise<void> {
  await ctx.port(throttle).forgive(ctx.db, 'second-factor', { account: userId, address: ctx.address })
}

/**
 * Throws `identity.factor_needed` when a factor has just gone that was the last, of somebody in a tenant that asks for one.
 * `isDemanded` was asked before the operation's first statement.
 */
export async function requireFactorLeft(ctx: OpenCtx, userId: string, isDemanded: boolean): Promise<boolean> {
  const { enabledAt } = await ctx.port(secondFactors).state(ctx, userId)
  if (enabledAt === null && isDemanded) throw new Failure(factorNeeded)
  return enabledAt !== null
}
