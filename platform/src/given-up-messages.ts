import type { Databases } from '#kernel/database/databases'
import { messageOf } from '#kernel/database/fleet-survey'
import type { Target } from '#kernel/database/session'
import { Failure } from '#kernel/errors/failure'
import { type GivenUpMessage, givenUpIn, type OutboxMessage, repeatIn } from '#kernel/outbox/given-up'
import { findTenant } from '#modules/tenants'
import { tenantsOfOwnPlace } from './migrate.ts'
import { systemSession } from './system-session.ts'

export interface GivenUp {
  readonly messages: readonly GivenUpMessage[]
  /** Places that could not be asked, and why. The tenants of a cell that could not are not asked, either. */
  readonly unreachable: readonly { readonly place: string; readonly error: string }[]
}

/** What the relay has given up, in the control database, in every pool, and in every schema and database of a tenant. */
export async function givenUpMessages(databases: Databases): Promise<GivenUp> {
  const messages: GivenUpMessage[] = []
  const unreachable: { place: string; error: string }[] = []
  const ask = async (place: string, target: () => Target) => {
    try {
      messages.push(...(await givenUpIn(target().outbox)))
    } catch (error) {
      // A failure says in words for customers what its cause says for us.
      const cause = error instanceof Failure ? (error.cause ?? error) : error
      unreachable.push({ place, error: messageOf(cause) })
    }
  }
  await ask('control', () => databases.of('control', undefined))
  for (const cell of databases.cells) await ask(`cell ${cell.name}`, () => cell.targetOf(undefined))
  for await (const tenant of tenantsOfOwnPlace(databases)) {
    const isAway = unreachable.some(({ place }) => place === `cell ${tenant.placement.cell}`)
    if (isAway || tenant.state === 'provisioning' || tenant.state === 'purged') continue
    await ask(`${tenant.placement.model} ${tenant.id}`, () => databases.of('tenant', tenant))
  }
  return { messages, unreachable }
}

/**
 * Repeats one of them, of a tenant or of none: it is in the control database, or where the tenant's rows are. Returns where
 * it was, too; undefined when it is there no more.
 */
export async function repeatGivenUp(
  databases: Databases,
  message: Pick<OutboxMessage, 'id' | 'tenantId'>,
): Promise<{ message: OutboxMessage; target: Target } | undefined> {
  const { tenantId } = message
  const tenant = tenantId === null ? undefined : await findTenant(systemSession(databases.directory), tenantId)
  if (tenantId !== null && !tenant) return undefined
  for (const kind of ['control', 'tenant'] as const) {
    const target = databases.of(kind, tenant)
    const repeated = await repeatIn(target, message)
    if (repeated) return { message: repeated, target }
  }
  return undefined
}
