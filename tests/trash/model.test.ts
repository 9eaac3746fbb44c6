import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import { TestInstallation } from '../installation.ts'

/** Deleting, restoring and deleting for good in any order, against a model of what must be there after each. */

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const runs = 12
const stepsMax = 16

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

interface Item {
  readonly id: string
  /** Of a task: the project that it is part of. */
  readonly project?: Item
  name: string
  state: 'live' | 'trashed' | 'gone'
}

const names = ['Alpha', 'Beta']
const step = fc.record({
  does: fc.constantFrom('create', 'createTask', 'delete', 'restore', 'rename', 'purge', 'misspell'),
  /** Whom it is done to: of all that was made so far, by number. */
  which: fc.nat({ max: 20 }),
  name: fc.constantFrom(...names),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

/** What there must be, and what each request must be answered. */
class Model {
  readonly items: Item[] = []

  get projects(): Item[] {
    return this.items.filter(({ project }) => !project)
  }

  isWithin({ project, state }: Item): boolean {
    return state !== 'gone' && (!project || project.state === 'live')
  }

  delete(item: Item): number {
    if (!this.isWithin(item) || item.state !== 'live') return 404
    item.state = 'trashed'
    return 204
  }

  restore(item: Item, name: string | undefined): number {
    if (!this.isWithin(item) || item.state !== 'trashed') return 404
    const isTaken = this.projects.some((other) => other.state === 'live' && other.name === item.name)
    if (!item.project && name === undefined && isTaken) return 409
    item.state = 'live'
    item.name = name ?? item.name
    return 200
  }

  purge(item: Item, confirm: string): number {
    if (!this.isWithin(item) || item.state !== 'trashed') return 404
    if (confirm !== item.name) return 422
    for (const each of this.items) if (each === item || each.project === item) each.state = 'gone'
    return 204
  }
}

async function take({ does, which, name }: Step, model: Model): Promise<void> {
  const item = model.items[which % Math.max(1, model.items.length)]
  const parent = model.projects[which % Math.max(1, model.projects.length)]
  if (does === 'create') return make(model, '/projects', { name }, { name })
  if (does === 'createTask')
    return parent && make(model, '/tasks', { title: name, projectId: parent.id }, { name, project: parent })
  if (!item) return
  const path = `${item.project ? '/tasks' : '/projects'}/${item.id}`
  const renamed = does === 'rename' && !item.project ? name : undefined
  const confirm = does === 'misspell' ? 'Neither' : item.name
  const answered =
    does === 'delete'
      ? await statusOf('DELETE', path)
      : does === 'restore' || does === 'rename'
        ? await statusOf('POST', `${path}/restore`, { name: renamed })
        : await statusOf('POST', `${path}/purge`, { confirm })
  const expected =
    does === 'delete'
      ? model.delete(item)
      : does === 'restore' || does === 'rename'
        ? model.restore(item, renamed)
        : model.purge(item, confirm)
  assert.equal(answered, expected, `${does} ${path}`)
}

async function make(model: Model, path: string, body: object, item: Pick<Item, 'name' | 'project'>): Promise<void> {
  const { status, body: made } = await atlas.request('POST', `/api/v1${path}`, { ...owner, body })
  const isPossible = !item.project || item.project.state === 'live'
  assert.equal(status, isPossible ? 201 : 422, path)
  if (isPossible) model.items.push({ ...item, id: (made as { id: string }).id, state: 'live' })
}

async function statusOf(method: string, path: string, body?: object): Promise<number> {
  return (await atlas.request(method, `/api/v1${path}`, { ...owner, ...(body && { body }) })).status
}

type Shown = { id: string; name?: string; title?: string; tasks?: number }

/** What a list shows of this run's records; others are from runs before. */
async function shown(path: string, model: Model): Promise<Shown[]> {
  const { items } = await atlas.ask<{ items: Shown[] }>('GET', `/api/v1${path}`, owner)
  return items.filter(({ id }) => model.items.some((item) => item.id === id)).toSorted(byId)
}

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1)

async function compare(model: Model): Promise<void> {
  const live = model.items.filter((item) => item.state === 'live' && model.isWithin(item)).toSorted(byId)
  const projects = live.filter(({ project }) => !project)
  const tasks = live.filter(({ project }) => project)
  const counted = projects.map((each) => ({
    id: each.id,
    name: each.name,
    tasks: tasks.filter(({ project }) => project === each).length,
  }))
  const found = await shown('/projects?limit=100&sort=-createdAt', model)
  assert.deepEqual(
    found.map(({ id, name, tasks: count }) => ({ id, name, tasks: count })),
    counted,
  )
  const foundTasks = await shown('/tasks?limit=100&sort=-createdAt', model)
  assert.deepEqual(
    foundTasks.map(({ id, title }) => [id, title]),
    tasks.map(({ id, name }) => [id, name]),
  )
  const trashed = model.items.filter((item) => item.state === 'trashed' && model.isWithin(item)).toSorted(byId)
  const foundTrashed = await shown('/trash?limit=100', model)
  assert.deepEqual(
    foundTrashed.map(({ id, name }) => [id, name]),
    trashed.map(({ id, name }) => [id, name]),
  )
}

test('whatever is deleted, restored and deleted for good, in any order: what must be there is there, and nothing else', async () => {
  const property = fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: stepsMax }), async (steps) => {
    const model = new Model()
    for (const each of steps) await take(each, model)
    await compare(model)
    // Names of one run must not be in the way of the next.
    for (const item of model.projects) if (item.state === 'live') await statusOf('DELETE', `/projects/${item.id}`)
  })
  await fc.assert(property, { numRuns: runs })
})
