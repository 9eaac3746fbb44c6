import { module } from '#kernel/module'
import { createKey, listKeys, revokeKey } from './operations.ts'

export const keys = module({
  name: 'keys',
  folder: import.meta.dirname,
  tables: { api_keys: { kind: 'tenant', privileges: ['select', 'insert', 'update'] } },
  permissions: {
    'key:read': ['owner', 'admin'],
    'key:create': ['owner', 'admin'],
    'key:revoke': ['owner', 'admin'],
  },
  operations: [createKey, listKeys, revokeKey],
})
