import { module } from '#kernel/module'

/** Where every schema and database of the installation stands. */
export const fleet = module({
  name: 'fleet',
  folder: import.meta.dirname,
  tables: {
    fleet_targets: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
    fleet_hold: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
  },
})
