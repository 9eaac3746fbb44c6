import { event } from '#kernel/operation'

export const roleCreated = event('role.created', { version: 1, carries: ['name'] })
export const roleUpdated = event('role.updated', { version: 1, carries: ['name'], changesAccess: true })
export const roleDeleted = event('role.deleted', { version: 1, changesAccess: true })
export const roleAssigned = event('assignment.created', {
  version: 1,
  carries: ['principalId', 'roleId', 'scopeKind', 'scopeId', 'expiresAt'],
  changesAccess: true,
})
export const roleWithdrawn = event('assignment.revoked', { version: 1, carries: ['principalId'], changesAccess: true })
export const teamCreated = event('team.created', { version: 1, carries: ['name'] })
export const teamUpdated = event('team.updated', { version: 1, carries: ['name'] })
export const teamDeleted = event('team.deleted', { version: 1, changesAccess: true })
export const teamMemberAdded = event('teamMember.added', { version: 1, carries: ['principalId'], changesAccess: true })
export const teamMemberUpdated = event('teamMember.updated', { version: 1, carries: ['principalId', 'isLead'] })
export const teamMemberRemoved = event('teamMember.removed', {
  version: 1,
  carries: ['principalId'],
  changesAccess: true,
})
