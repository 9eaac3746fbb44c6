import { operation } from '#kernel/operation'
import { z } from '#kernel/schema'
import { Setting } from './model.ts'
import { effectiveConfiguration } from './ports.ts'

export const listSettings = operation({
  name: 'configuration.list',
  summary: 'List the settings in force, with where each comes from',
  description: 'Of the process that answers. Of what may carry a secret it is only said whether it is set.',
  http: 'GET /staff/configuration',
  output: z.object({ items: z.array(Setting).max(200) }),
  permission: 'staff',
  target: 'control',
  run: async (ctx) => ({ items: [...ctx.port(effectiveConfiguration)] }),
})
