import type { Ctx } from './context.ts'
import { notFound } from './errors/platform-failures.ts'
import { event, job, list, listener, operation } from './operation.ts'
import { id, z } from './schema.ts'

/**
 * What the compiler refuses. Nobody runs this file: each line below `@ts-expect-error` must not compile, or the type
 * check fails, because the comment expects an error that does not come.
 */

const Note = z.object({ id: id(), text: z.string() })
const noteCreated = event('note.created', { version: 1 })
const remind = job<{ noteId: string }>('notes.remind', { run: async () => {} })

const create = {
  name: 'notes.create',
  summary: 'Create a note',
  http: 'POST /notes',
  input: { text: z.string() },
  output: Note,
  permission: 'note:create',
} as const

operation({ ...create, run: async (ctx, { text }) => ({ id: ctx.newId(), text }) })

// Who may call it is said, never assumed.
const { permission: _, ...unguarded } = create
// @ts-expect-error permission is missing
operation({ ...unguarded, run: async (ctx, { text }) => ({ id: ctx.newId(), text }) })
// @ts-expect-error a permission is resource:action, signed-in or public
operation({ ...create, permission: 'everybody', run: async (ctx, { text }) => ({ id: ctx.newId(), text }) })
// @ts-expect-error a list belongs to a tenant, so it is never public
list({ ...create, http: 'GET /notes', item: Note, sort: ['id'], permission: 'public', run: async () => [] })

// What goes in and what comes out are what was declared.
// @ts-expect-error the text is missing in the output
operation({ ...create, run: async (ctx) => ({ id: ctx.newId() }) })
// @ts-expect-error the id is a string
operation({ ...create, run: async (_ctx, { text }) => ({ id: 1, text }) })
// @ts-expect-error the input has no title
operation({ ...create, run: async (ctx, { title }) => ({ id: ctx.newId(), text: title }) })
// @ts-expect-error the text is no number
operation({ ...create, run: async (ctx, { text }) => ({ id: ctx.newId(), text: text.toFixed(2) }) })
// @ts-expect-error rows of the list lack the text
list({ ...create, http: 'GET /notes', item: Note, sort: ['id'], run: async (ctx) => [{ id: ctx.newId() }] })
// @ts-expect-error there is no such method
operation({ ...create, http: 'FETCH /notes', run: async (ctx, { text }) => ({ id: ctx.newId(), text }) })

// Where there is no tenant, there is none to reach for.
const inNoTenant = {
  name: 'notes.preview',
  summary: 'Preview',
  http: 'POST /notes/preview',
  output: z.string(),
} as const
// @ts-expect-error nobody has said which tenant
operation({ ...inNoTenant, permission: 'public', run: async (ctx) => ctx.tenant.name })
// @ts-expect-error a person is signed in to the platform, not to a tenant
operation({ ...inNoTenant, permission: 'signed-in', run: async (ctx) => ctx.tenant.name })
// @ts-expect-error without a tenant nobody has permissions
operation({ ...inNoTenant, permission: 'public', run: async (ctx) => [...ctx.permissions].join() })
operation({
  ...inNoTenant,
  permission: 'signed-in',
  tenantFrom: { founds: () => ({}) },
  run: async (ctx) => ctx.tenant.name,
})
operation({ ...inNoTenant, permission: 'note:read', target: 'control', run: async (ctx) => ctx.tenant.name })
const tenantOfText = ({ text }: { text: string }) => text
const tenantOfToken = ({ token }: { token: string }) => token
const echo = { ...create, run: async (ctx: Ctx, { text }: { text: string }) => ({ id: ctx.newId(), text }) }
operation({ ...echo, tenantFrom: tenantOfText })
// @ts-expect-error the tenant is looked for in a field that the input does not have
operation({ ...echo, tenantFrom: tenantOfToken })

// What is recorded, enqueued and failed with was declared once, not spelled on the spot.
operation({
  ...inNoTenant,
  permission: 'note:read',
  // @ts-expect-error a failure is declared with failure()
  errors: ['note.not_found'],
  async run(ctx) {
    ctx.record(noteCreated, { resourceId: ctx.newId() })
    // @ts-expect-error an event is declared with event()
    ctx.record('note.created', { resourceId: ctx.newId() })
    ctx.enqueue(remind, { noteId: ctx.newId() })
    // @ts-expect-error the job is about a note
    ctx.enqueue(remind, { projectId: ctx.newId() })
    // @ts-expect-error an operation has one instant
    ctx.now = '2026-11-21T00:00:00.000Z'
    // @ts-expect-error a failure is declared with failure()
    if (ctx.address === undefined) ctx.fail('note.not_found')
    return ctx.fail(notFound)
  },
})

// @ts-expect-error a listener names an event, not a word
listener('notes.remember', { on: 'note.created', run: async () => {} })
