import { module } from '#kernel/module'
import { bringTargetUp } from './jobs.ts'
import { listTargets, pauseFleet, readFleet, resumeFleet, retryFleet, retryTarget } from './operations.ts'

/** Where every schema and database of the installation stands. */
export const fleet = module({
  name: 'fleet',
  folder: import.meta.dirname,
  needs: ['tenants'],
  tables: {
    fleet_targets: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
    fleet_batches: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
    fleet_batch_tenants: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
    fleet_hold: { kind: 'platform', privileges: ['select', 'insert', 'update', 'delete'] },
  },
  operations: [readFleet, listTargets, retryTarget, retryFleet, pauseFleet, resumeFleet],
  jobs: [bringTargetUp],
})
