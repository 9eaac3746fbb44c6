import { module } from '#kernel/module'
import { createKey, listKeys, revokeKey, rotateKey } from './operations.ts'
import {
  createServiceAccount,
  deleteServiceAccount,
  listServiceAccounts,
  readServiceAccount,
  updateServiceAccount,
} from './service-account-operations.ts'

export const keys = module({
  name: 'keys',
  folder: import.meta.dirname,
  needs: ['access'],
  tables: {
    api_keys: { kind: 'tenant', privileges: ['select', 'insert', 'update'] },
    service_accounts: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  permissions: {
    'key:read': ['owner', 'admin'],
    'key:create': ['owner', 'admin'],
    'key:revoke': ['owner', 'admin'],
    'serviceAccount:read': ['owner', 'admin'],
    'serviceAccount:create': ['owner', 'admin'],
    'serviceAccount:update': ['owner', 'admin'],
    'serviceAccount:delete': ['owner', 'admin'],
  },
  operations: [
    createKey,
    rotateKey,
    listKeys,
    revokeKey,
    listServiceAccounts,
    readServiceAccount,
    createServiceAccount,
    updateServiceAccount,
    deleteServiceAccount,
  ],
})
