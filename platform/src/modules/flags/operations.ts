import { operation } from '#kernel/operation'
import { z } from '#kernel/schema'
import { Flag } from './model.ts'
import { declaredFlags } from './ports.ts'
import { isOn } from './question.ts'

export const listFlags = operation({
  name: 'flags.list',
  summary: 'List which flags are on for you here',
  description: 'A flag switches something on that is not there for everybody yet. A change counts within five seconds.',
  http: 'GET /flags',
  output: z.object({ items: z.array(Flag).max(500) }),
  permission: 'flag:read',

  async run(ctx) {
    const keys = [...ctx.port(declaredFlags).keys()]
    return { items: await Promise.all(keys.map(async (key) => ({ key, on: await isOn(ctx, key) }))) }
  },
})
