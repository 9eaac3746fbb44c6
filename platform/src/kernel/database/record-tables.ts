import type { TableFacts } from '../module.ts'

/** The kernel's own tables: in every cell and in the control database. */
export const recordTables: Readonly<Record<string, TableFacts>> = {
  audit_events: { kind: 'tenant', privileges: ['select', 'insert'] },
  audit_values: { kind: 'tenant', privileges: ['select', 'insert'] },
  outbox: { kind: 'tenant', privileges: ['insert'], also: { tenantry_relay: ['select', 'update'] } },
  inbox: { kind: 'tenant', privileges: ['select', 'insert'] },
  idempotency_keys: { kind: 'tenant', privileges: ['select', 'insert', 'update', 'delete'] },
}

/**
 * What the record is sealed with, beside it in every database. It is no data of the tenant: it is neither counted nor shown,
 * and stays with the events when a tenant is erased.
 */
export const sealTables: Readonly<Record<string, TableFacts>> = {
  audit_unsealed: {
    kind: 'tenant',
    privileges: ['select', 'insert', 'delete'],
    also: { tenantry_relay: ['select'] },
  },
  audit_seals: { kind: 'tenant', privileges: ['select', 'insert'], also: { tenantry_relay: ['select'] } },
  audit_heads: { kind: 'tenant', privileges: ['select', 'insert'], also: { tenantry_relay: ['select'] } },
  audit_anchors: { kind: 'tenant', privileges: ['select'] },
}

/** In the control database the identity role writes the record of what it does, under the same policies. */
export const recordOfIdentity: Readonly<Record<string, readonly TableFacts['privileges'][number][]>> = {
  audit_events: ['insert'],
  audit_values: ['insert'],
  outbox: ['insert'],
  inbox: ['insert'],
  idempotency_keys: ['select', 'insert', 'update', 'delete'],
  audit_unsealed: ['insert'],
}
