import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { TestInstallation } from '../installation.ts'

/** Deleting, restoring and deleting for good in any order, against a model of what must be there. */

const owner = { as: 'owner@acme.test', tenant: 'acme' }
const stepsMax = 16
const names = ['Alpha', 'Beta']

interface Item {
  readonly id: string
  /** Of a task: the project that it is part of. */
  readonly project?: Item
  name: string
  state: 'live' | 'trashed' | 'gone'
}

const step = fc.record({
  does: fc.constantFrom('create', 'createTask', 'delete', 'restore', 'rename', 'purge', 'misspell'),
  /** Whom it is done to: of all that was made so far, by number. */
  which: fc.nat({ max: 20 }),
  name: fc.constantFrom(...names),
})
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

export const anySteps = fc.array(step, { minLength: 4, maxLength: stepsMax })

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

interface Shown {
  readonly id: string
  readonly name?: string
  readonly title?: string
  readonly tasks?: number
}

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1)

/** Takes some steps in acme and in a model of its own, and compares. */
export class ModelRun {
  readonly #atlas: TestInstallation
  readonly #model = new Model()

  constructor(atlas: TestInstallation) {
    this.#atlas = atlas
  }

  async take({ does, which, name }: Step): Promise<void> {
    const { items, projects } = this.#model
    const project = projects[which % Math.max(1, projects.length)]
    if (does === 'create') return this.#make('/projects', { name }, { name })
    if (does === 'createTask')
      return project && this.#make('/tasks', { title: name, projectId: project.id }, { name, project })
    const item = items[which % Math.max(1, items.length)]
    if (!item) return
    const path = `${item.project ? '/tasks' : '/projects'}/${item.id}`
    const [answered, expected] = await this.#change(does, item, path, name)
    assert.equal(answered, expected, `${does} ${path}`)
  }

  /** How it is answered, and how it must be. */
  async #change(does: Step['does'], item: Item, path: string, name: string): Promise<[number, number]> {
    if (does === 'delete') return [await this.#status('DELETE', path), this.#model.delete(item)]
    if (does === 'purge' || does === 'misspell') {
      const confirm = does === 'purge' ? item.name : 'Neither'
      return [await this.#status('POST', `${path}/purge`, { confirm }), this.#model.purge(item, confirm)]
    }
    const renamed = does === 'rename' && !item.project ? name : undefined
    return [await this.#status('POST', `${path}/restore`, { name: renamed }), this.#model.restore(item, renamed)]
  }

  async #make(path: string, body: object, item: Pick<Item, 'name' | 'project'>): Promise<void> {
    const { status, body: made } = await this.#atlas.request('POST', `/api/v1${path}`, { ...owner, body })
    const isPossible = !item.project || item.project.state === 'live'
    assert.equal(status, isPossible ? 201 : 422, path)
    if (isPossible) this.#model.items.push({ ...item, id: (made as { id: string }).id, state: 'live' })
  }

  async #status(method: string, path: string, body?: object): Promise<number> {
    return (await this.#atlas.request(method, `/api/v1${path}`, { ...owner, ...(body && { body }) })).status
  }

  /** That the lists show what the model holds, and nothing else. */
  async compare(): Promise<void> {
    const { items } = this.#model
    const within = items.filter((item) => this.#model.isWithin(item)).toSorted(byId)
    const live = within.filter(({ state }) => state === 'live')
    const tasks = live.filter(({ project }) => project)
    const projects = live.filter(({ project }) => !project)
    assert.deepEqual(
      (await this.#shown('/projects?limit=100&sort=-createdAt')).map((each) => [each.id, each.name, each.tasks]),
      projects.map((each) => [each.id, each.name, tasks.filter(({ project }) => project === each).length]),
    )
    assert.deepEqual(
      (await this.#shown('/tasks?limit=100&sort=-createdAt')).map(({ id, title }) => [id, title]),
      tasks.map(({ id, name }) => [id, name]),
    )
    assert.deepEqual(
      (await this.#shown('/trash?limit=100')).map(({ id, name }) => [id, name]),
      within.flatMap(({ id, name, state }) => (state === 'trashed' ? [[id, name]] : [])),
    )
  }

  /** What a list shows of this run's records; others are from runs before. */
  async #shown(path: string): Promise<Shown[]> {
    const { items } = await this.#atlas.ask<{ items: Shown[] }>('GET', `/api/v1${path}`, owner)
    return items.filter(({ id }) => this.#model.items.some((item) => item.id === id)).toSorted(byId)
  }

  /** Names of this run must not be in the way of the next. */
  async end(): Promise<void> {
    for (const { id, state } of this.#model.projects)
      if (state === 'live') await this.#status('DELETE', `/projects/${id}`)
  }
}
