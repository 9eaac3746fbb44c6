import { module } from '#kernel/module'
import { createAssignment, listAssignments, revokeAssignment } from './assignment-operations.ts'
import { explainAccess } from './explanation-operations.ts'
import {
  createRole,
  deleteRole,
  listPermissions,
  listRoles,
  listUnconditionalRoles,
  readRole,
  updateRole,
} from './role-operations.ts'
import {
  createTeam,
  createTeamMember,
  deleteTeam,
  listTeams,
  readTeam,
  removeTeamMember,
  updateTeam,
  updateTeamMember,
} from './team-operations.ts'

export const access = module({
  name: 'access',
  folder: import.meta.dirname,
  tables: {
    roles: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'], also: { tenantry_owner: [] } },
    role_permissions: {
      kind: 'tenant',
      privileges: ['select', 'insert', 'update', 'delete'],
      also: { tenantry_owner: [] },
    },
    // Update is for locking: nothing changes an assignment, it is withdrawn and given anew.
    role_assignments: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
    teams: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
    team_members: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  permissions: {
    'role:read': ['owner', 'admin', 'member', 'viewer'],
    'role:create': ['owner', 'admin'],
    'role:update': ['owner', 'admin'],
    'role:delete': ['owner', 'admin'],
    'role:assign': ['owner', 'admin'],
    'team:read': ['owner', 'admin', 'member', 'viewer', 'guest'],
    'team:create': ['owner', 'admin'],
    'team:update': ['owner', 'admin'],
    'team:delete': ['owner', 'admin'],
  },
  operations: [
    listPermissions,
    listRoles,
    listUnconditionalRoles,
    readRole,
    createRole,
    updateRole,
    deleteRole,
    listAssignments,
    createAssignment,
    revokeAssignment,
    explainAccess,
    listTeams,
    readTeam,
    createTeam,
    updateTeam,
    deleteTeam,
    createTeamMember,
    updateTeamMember,
    removeTeamMember,
  ],
})
