import { module } from '#kernel/module'
import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  previewInvitation,
  resendInvitation,
  revokeInvitation,
} from './invitation-operations.ts'
import { activate, dropMembership, keepMembership, providePlace, provision } from './listeners.ts'
import {
  changeMemberRole,
  createTenant,
  leaveTenant,
  listMembers,
  listTenants,
  readTenant,
  removeMember,
  renameTenant,
  transferOwnership,
} from './operations.ts'

export const tenants = module({
  name: 'tenants',
  folder: import.meta.dirname,
  needs: ['access', 'mail'],
  tables: {
    tenants: { kind: 'directory', privileges: ['select', 'insert', 'update'], also: { tenantry_owner: [] } },
    memberships: { kind: 'directory', privileges: ['select', 'insert', 'delete'] },
    members: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
    invitations: { kind: 'tenant', privileges: ['select', 'insert', 'update'] },
  },
  functions: { 'control.find_tenant(text)': ['tenantry_serving'] },
  permissions: {
    'tenant:read': ['owner', 'admin', 'member', 'viewer'],
    'tenant:update': ['owner', 'admin'],
    'tenant:transfer': ['owner'],
    'member:read': ['owner', 'admin', 'member', 'viewer'],
    'member:update': ['owner', 'admin'],
    'member:remove': ['owner', 'admin'],
    'member:leave': ['owner', 'admin', 'member', 'viewer'],
    'invitation:read': ['owner', 'admin'],
    'invitation:create': ['owner', 'admin'],
    'invitation:revoke': ['owner', 'admin'],
  },
  operations: [
    createTenant,
    listTenants,
    readTenant,
    renameTenant,
    transferOwnership,
    listMembers,
    changeMemberRole,
    removeMember,
    leaveTenant,
    createInvitation,
    listInvitations,
    resendInvitation,
    revokeInvitation,
    previewInvitation,
    acceptInvitation,
  ],
  listeners: [providePlace, provision, activate, keepMembership, dropMembership],
})
