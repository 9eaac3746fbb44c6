import { requireOperation } from '#kernel/operation'
import { columns, print } from './output.ts'
import { withInstallation } from './session.ts'
import { personByEmail } from './tenants.ts'

interface Explanation {
  readonly allowed: boolean
  readonly assignments: readonly {
    readonly roleName: string
    readonly scopeKind: 'tenant' | 'team' | 'record'
    readonly scopeResource: string | null
    readonly scopeId: string | null
    readonly expiresAt: string | null
    readonly reason: keyof typeof reasons
  }[]
}

const reasons = {
  granted: 'decides: it permits this',
  expired: 'has ended',
  elsewhere: 'reaches other records',
  condition: 'a condition does not hold',
  notIncluded: 'does not have the permission',
  disabled: 'would permit it, but the service account is disabled',
}

/** `tenantry access explain`: why somebody may, or may not, do something, by the same operation as in the workspace. */
export async function explainAccess(
  { tenant, email, permission }: { tenant: string; email: string; permission: string },
  options: { as: string; record?: string; address?: string; json?: boolean },
): Promise<void> {
  const explanation = await withInstallation(async (installation) => {
    const explain = requireOperation(installation.operations, 'access.explain')
    const { id: principalId } = await personByEmail(installation, email)
    const { address } = options
    const input = {
      principalId,
      permission,
      ...recordIn(options.record),
      ...(address === undefined ? {} : { address }),
    }
    const asker = await personByEmail(installation, options.as)
    return (await installation.call(explain, asker, input, { tenant })) as Explanation
  })
  print(explanation, options, ({ allowed, assignments }) =>
    [
      `${email} ${allowed ? 'may' : 'may not'} ${permission}${options.record === undefined ? '' : ` on ${options.record}`}.`,
      '',
      columns([
        ['ROLE', 'REACHES', 'UNTIL', 'WHY'],
        ...assignments.map((each) => [each.roleName, reachOf(each), each.expiresAt ?? '–', reasons[each.reason]]),
      ]),
    ].join('\n'),
  )
}

/** `project/01a1…` */
function recordIn(record: string | undefined): { resource?: string; recordId?: string } {
  if (record === undefined) return {}
  const [resource = '', recordId] = record.split('/', 2)
  if (recordId === undefined)
    throw new Error('A record is its kind and its id, such as project/01a1ff8e-15dc-7000-9aac-cafec4157290')
  return { resource, recordId }
}

function reachOf({ scopeKind, scopeResource, scopeId }: Explanation['assignments'][number]): string {
  if (scopeKind === 'tenant') return 'everything'
  return scopeKind === 'team' ? `team ${scopeId}` : `${scopeResource}/${scopeId}`
}
