import { module } from '#kernel/module'
import { appointStaff, dismissStaff, listStaff, readStaff } from './operations.ts'

export const staff = module({
  name: 'staff',
  folder: import.meta.dirname,
  needs: ['identity'],
  tables: { staff: { kind: 'identity', privileges: ['select', 'insert', 'delete'] } },
  operations: [readStaff, listStaff, appointStaff, dismissStaff],
})
