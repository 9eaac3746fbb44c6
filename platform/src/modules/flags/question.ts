import type { Ctx } from '#kernel/context'
import { declaredFlags, flagClient } from './ports.ts'

/**
 * Whether a flag is on for who acts here. Asks what this process remembers, not the database. Throws for a key that no
 * module declares.
 *
 *     if (await isOn(ctx, 'projects.board')) …
 */
export async function isOn(ctx: Ctx, key: string): Promise<boolean> {
  const facts = ctx.port(declaredFlags).get(key)
  if (!facts) throw new Error(`no module declares the flag ${key}`)
  const { id: tenantId, plan } = ctx.tenant
  const context = { targetingKey: ctx.actor.id, tenantId, plan, roles: rolesOf(ctx) }
  return ctx.port(flagClient).getBooleanValue(key, facts.default, context)
}

/** By name, those for the whole organisation. */
function rolesOf({ access }: Ctx): string[] {
  return access.assignments.filter(({ scope }) => scope.kind === 'tenant').map(({ role }) => role.name)
}
