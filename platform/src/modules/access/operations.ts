import { operation } from '#kernel/operation'
import { z } from '#kernel/schema'
import { Role } from './model.ts'
import * as store from './store.ts'

export const listRoles = operation({
  name: 'roles.list',
  summary: 'List the roles of this organisation with what they permit',
  http: 'GET /roles',
  output: z.object({ items: z.array(Role).max(200) }),
  permission: 'role:read',
  async run(ctx) {
    return { items: await store.listRoles(ctx) }
  },
})
