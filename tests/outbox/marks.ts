import type { Ctx } from '../../platform/src/kernel/context.ts'
import { type Module, module } from '../../platform/src/kernel/module.ts'
import { event, job, operation } from '../../platform/src/kernel/operation.ts'
import { z } from '../../platform/src/kernel/schema.ts'

const markMade = event('mark.made', { version: 1 })

/** A module whose operation leaves work behind in the tenant's own place: `note`. */
export function marksNotedBy(note: (ctx: Ctx) => Promise<void>): Module {
  const noting = job<object>('marks.note', { run: note })
  return module({
    name: 'marks',
    permissions: { 'mark:make': ['owner'] },
    operations: [
      operation({
        name: 'marks.make',
        summary: 'Makes a mark, which is noted later',
        http: 'POST /marks',
        output: z.object({ id: z.uuid() }),
        permission: 'mark:make',
        emits: [markMade],
        async run(ctx) {
          const id = ctx.newId()
          ctx.enqueue(noting, {})
          ctx.record(markMade, { after: { id } })
          return { id }
        },
      }),
    ],
    jobs: [noting],
  })
}
