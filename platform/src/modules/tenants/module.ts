import { module } from '#kernel/module'
import { cancelTenant, readCancellation, restoreTenant } from './cancellation-operations.ts'
import { createInvitations, previewInvitations } from './invitation-batch-operations.ts'
import {
  acceptInvitation,
  createInvitation,
  listInvitations,
  previewInvitation,
  resendInvitation,
  revokeInvitation,
} from './invitation-operations.ts'
import { eraseTenant, purgeDue } from './jobs.ts'
import { activate, dropMembership, followAddress, keepMembership, providePlace, provision } from './listeners.ts'
import { dismissOnboardingSteps, readOnboarding } from './onboarding-operations.ts'
import { hasInvited } from './onboarding-store.ts'
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
import { changePlan, createByStaff, listCells, listPlans, listRegions } from './place-operations.ts'
import { readSessionPolicy, updateSessionPolicy } from './session-policy-operations.ts'
import {
  cancelByStaff,
  listForStaff,
  listMembersForStaff,
  purgeTenant,
  reactivateTenant,
  readForStaff,
  restoreByStaff,
  suspendTenant,
} from './staff-operations.ts'

export const tenants = module({
  name: 'tenants',
  folder: import.meta.dirname,
  needs: ['access', 'identity', 'mail'],
  tables: {
    tenants: { kind: 'directory', privileges: ['select', 'insert', 'update'], also: { tenantry_owner: [] } },
    memberships: { kind: 'directory', privileges: ['select', 'insert', 'delete'] },
    members: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
    invitations: { kind: 'tenant', privileges: ['select', 'insert', 'update'] },
  },
  functions: { 'control.find_tenant(text)': ['tenantry_serving'] },
  permissions: {
    'tenant:read': ['owner', 'admin', 'member', 'viewer', 'guest'],
    'tenant:update': ['owner', 'admin'],
    'tenant:transfer': ['owner'],
    'tenant:cancel': ['owner'],
    'member:read': ['owner', 'admin', 'member', 'viewer'],
    'member:update': ['owner', 'admin'],
    'member:remove': ['owner', 'admin'],
    'member:leave': ['owner', 'admin', 'member', 'viewer', 'guest'],
    'security:read': ['owner', 'admin'],
    'security:update': ['owner', 'admin'],
    'invitation:read': ['owner', 'admin'],
    'invitation:create': ['owner', 'admin'],
    'invitation:revoke': ['owner', 'admin'],
  },
  onboarding: {
    'tenants.name': { permission: 'tenant:read', isDone: async ({ tenant }) => tenant.name !== '' },
    'tenants.invite': { permission: 'invitation:create', isDone: hasInvited },
  },
  operations: [
    createTenant,
    listTenants,
    readTenant,
    renameTenant,
    transferOwnership,
    cancelTenant,
    readCancellation,
    restoreTenant,
    listMembers,
    changeMemberRole,
    removeMember,
    leaveTenant,
    createInvitation,
    previewInvitations,
    createInvitations,
    listInvitations,
    resendInvitation,
    revokeInvitation,
    previewInvitation,
    acceptInvitation,
    readOnboarding,
    dismissOnboardingSteps,
    readSessionPolicy,
    updateSessionPolicy,
    listForStaff,
    readForStaff,
    listMembersForStaff,
    createByStaff,
    changePlan,
    listRegions,
    listCells,
    listPlans,
    suspendTenant,
    reactivateTenant,
    cancelByStaff,
    restoreByStaff,
    purgeTenant,
  ],
  jobs: [eraseTenant, purgeDue],
  listeners: [providePlace, provision, activate, keepMembership, dropMembership, followAddress],
})
