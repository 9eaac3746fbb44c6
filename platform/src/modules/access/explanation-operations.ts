import { isIP } from 'node:net'
import { Access, type Weighed } from '#kernel/access/access'
import { invalid, notFound } from '#kernel/errors/platform-failures'
import { operation } from '#kernel/operation'
import { id, instant, line, z } from '#kernel/schema'
import { unknownPermission } from './failures.ts'
import { Assignment, PermissionName, RolePermission } from './model.ts'
import { catalogue, principalOf } from './ports.ts'
import { recordIn } from './record.ts'
import { requireDeclared } from './role-operations.ts'
import { assignmentsIn } from './store.ts'

const Reason = z
  .enum(['granted', 'expired', 'elsewhere', 'condition', 'notIncluded', 'disabled'])
  .describe(
    '`granted`: it decides. `expired`: it has ended. `elsewhere`: it reaches other records. `condition`: a clause does not hold. `notIncluded`: the role does not have the permission. `disabled`: it would decide, but the service account is disabled.',
  )

const Explanation = z.object({
  allowed: z.boolean(),
  permission: z.string().max(101),
  record: z.object({ resource: z.string().max(50), id: id(), team: id().nullable() }).nullable(),
  assignments: z
    .array(
      Assignment.pick({
        id: true,
        roleId: true,
        roleName: true,
        scopeKind: true,
        scopeResource: true,
        scopeId: true,
        expiresAt: true,
      }).extend({
        reason: Reason,
        condition: RolePermission.shape.condition.describe('Under which the role has the permission.'),
        clause: z.number().int().min(0).nullable().describe('Which clause of the condition does not hold, from 0.'),
      }),
    )
    .max(500),
})

export const explainAccess = operation({
  name: 'access.explain',
  summary: 'Explain why somebody may, or may not, do something to a record',
  description:
    'Weighs every role of theirs as a request of theirs would be weighed at that instant and from that address. The first with the reason `granted` decides.',
  http: 'GET /access/explanation',
  input: {
    principalId: id().describe('The account of a member, or a service account.'),
    permission: PermissionName,
    resource: line({ max: 50 }).optional().describe('The kind of record; with `recordId`.'),
    recordId: id().optional(),
    at: instant().optional().describe('Now, when absent.'),
    address: line({ max: 45 }).optional().describe('Where the request comes from; unknown when absent.'),
  },
  output: Explanation,
  permission: 'role:read',
  errors: [notFound, invalid, unknownPermission],

  async run(ctx, { principalId, permission, resource, recordId, at = ctx.now, address }) {
    if ((resource === undefined) !== (recordId === undefined)) ctx.fail(invalid, togetherOrNot)
    if (address !== undefined && isIP(address) === 0) ctx.fail(invalid, noAddress)
    requireDeclared(ctx, permission, '#/query/permission')
    const { resources } = ctx.port(catalogue)
    const { kind, email, isDisabled } = (await ctx.port(principalOf)(ctx, principalId)) ?? ctx.fail(notFound)
    const assignments = await assignmentsIn(ctx, principalId)
    const record =
      resource !== undefined && recordId !== undefined
        ? ((await recordIn(ctx, { resource, id: recordId })) ?? ctx.fail(notFound))
        : undefined
    const actor = { kind, id: principalId, ...(email === undefined ? {} : { email }) }
    const circumstances = { actor, address, now: at }
    const access = new Access(assignments, resources)
    const weighed = new Map(
      access.weighed(permission, circumstances, record).map((each) => [each.grant.assignment.id, each]),
    )
    const explained = assignments.map((assignment) => ({
      id: assignment.id,
      roleId: assignment.role.id,
      roleName: assignment.role.name,
      scopeKind: assignment.scope.kind,
      scopeResource: assignment.scope.kind === 'record' ? assignment.scope.resource : null,
      scopeId: assignment.scope.kind === 'tenant' ? null : assignment.scope.id,
      expiresAt: assignment.expiresAt,
      ...reasonOf(weighed.get(assignment.id), isDisabled),
    }))
    const named = record?.lineage[0]
    return {
      allowed: explained.some(({ reason }) => reason === 'granted'),
      permission,
      record: named ?? null,
      assignments: explained.toSorted(
        (one, other) => Number(other.reason === 'granted') - Number(one.reason === 'granted'),
      ),
    }
  },
})

const togetherOrNot = {
  errors: ['resource', 'recordId'].map((field) => ({
    pointer: `#/query/${field}`,
    code: 'required',
    detail: 'A record is named by both, its kind and its id.',
  })),
}

const noAddress = {
  errors: [{ pointer: '#/query/address', code: 'format', detail: 'This is no IP address, such as 192.0.2.7.' }],
}

function reasonOf(weighed: Weighed | undefined, isDisabled = false) {
  if (!weighed) return { reason: 'notIncluded' as const, condition: null, clause: null }
  const { grant, obstacle, clause } = weighed
  const index = clause ? (grant.condition?.indexOf(clause) ?? -1) : -1
  return {
    reason: obstacle ?? (isDisabled ? ('disabled' as const) : ('granted' as const)),
    condition: grant.condition,
    clause: index < 0 ? null : index,
  }
}
