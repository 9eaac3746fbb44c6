import { styleText } from 'node:util'
import { Failure } from '#kernel/errors/failure'
import { notFound } from '#kernel/errors/platform-failures'
import { requireOperation } from '#kernel/operation'
import type { GivenUpMessage, OutboxMessage } from '#kernel/outbox/given-up'
import { type GivenUp, givenUpMessages } from '../given-up-messages.ts'
import type { Installation } from '../installation.ts'
import { system } from '../system-session.ts'
import { columns, print } from './output.ts'
import { withInstallation } from './session.ts'

/** `tenantry outbox list`: what was given up, wherever it is. Exit status 1 when a place could not be asked. */
export async function listGivenUp(options: { json?: boolean }): Promise<void> {
  const found = await withInstallation(({ databases }) => givenUpMessages(databases))
  print(found, options, ({ messages, unreachable }) =>
    [messages.length === 0 ? 'No message was given up.' : tableOf(messages), ...unreachableText(unreachable)].join(
      '\n',
    ),
  )
  if (found.unreachable.length > 0) process.exitCode = 1
}

/** `tenantry outbox repeat <id>` or `--all`: by the same operation for each as staff have, as the system. */
export async function repeat(
  id: string | undefined,
  options: { all?: boolean; reason: string; json?: boolean },
): Promise<void> {
  if ((id === undefined) === (options.all === undefined))
    throw new Error('Name one message by its id, or all with --all. List them: npx tenantry outbox list')
  const { repeated, unreachable } = await withInstallation(async (installation) => {
    const found = await givenUpMessages(installation.databases)
    const wanted = found.messages.filter((message) => options.all || message.id === id)
    if (!options.all && wanted.length === 0)
      throw new Error([noneText(id), ...unreachableText(found.unreachable)].join('\n'))
    const done: OutboxMessage[] = []
    for (const message of wanted) done.push(...(await repeatOne(installation, message, options.reason)))
    return { repeated: done, unreachable: found.unreachable }
  })
  print({ repeated, unreachable }, options, () =>
    [...repeated.map(repeatedText), sumOf(repeated.length), ...unreachableText(unreachable)].join('\n'),
  )
  if (unreachable.length > 0) process.exitCode = 1
}

/** Empty when somebody else was quicker. */
async function repeatOne(
  installation: Installation,
  { id, tenantId }: GivenUpMessage,
  reason: string,
): Promise<OutboxMessage[]> {
  const operation = requireOperation(installation.operations, 'outboxMessages.repeat')
  const input = { id, reason, ...(tenantId === null ? {} : { tenant: tenantId }) }
  try {
    return [(await installation.call(operation, system, input)) as OutboxMessage]
  } catch (error) {
    if (error instanceof Failure && error.kind === notFound) return []
    throw error
  }
}

function tableOf(messages: readonly GivenUpMessage[]): string {
  return columns([
    ['ID', 'MESSAGE', 'PLACE', 'TENANT', 'ATTEMPTS', 'GIVEN UP', 'ERROR'],
    ...messages.map(({ id, kind, name, place, tenantId, attempts, failedAt, error }) => [
      id,
      `${kind} ${name}`,
      place,
      tenantId ?? '–',
      String(attempts),
      failedAt.slice(0, 16).replace('T', ' '),
      error?.split('\n')[0] ?? '–',
    ]),
  ])
}

function repeatedText({ id, kind, name, place }: OutboxMessage): string {
  return `${styleText('green', '✓')} ${kind} ${name} in ${place}: ${id}`
}

function sumOf(count: number): string {
  if (count === 0) return 'No message was given up; nothing has changed.'
  return count === 1 ? '1 message is tried again.' : `${count} messages are tried again.`
}

function noneText(id: string | undefined): string {
  return `No message ${id} was given up; nothing has changed. List those that were: npx tenantry outbox list`
}

function unreachableText(unreachable: GivenUp['unreachable']): string[] {
  return unreachable.map(({ place, error }) => styleText('red', `✗ ${place} could not be asked: ${error}`))
}
