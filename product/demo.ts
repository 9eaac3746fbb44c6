import type { DemoTenant } from 'tenantry/kernel'
import { createProject, listProjects } from './modules/projects/operations.ts'
import { createTask } from './modules/projects/task-operations.ts'

type TaskState = 'todo' | 'inProgress' | 'blocked' | 'done'
interface DemoProject {
  readonly name: string
  readonly state: string
  /** Days from today; negative is in the past. */
  readonly dueInDays: number | null
  readonly description?: string
  readonly tasks: readonly (readonly [title: string, state: TaskState, dueInDays?: number])[]
}

const acme: readonly DemoProject[] = [
  {
    name: 'Trade fair, Hannover',
    state: 'planned',
    dueInDays: 70,
    tasks: [
      ['Book the stand', 'todo', 20],
      ['Choose what we show', 'todo'],
    ],
  },
  {
    name: 'Safety stop firmware 2.4',
    state: 'onTrack',
    dueInDays: 58,
    tasks: [
      ['Collect field logs', 'done'],
      ['Debounce the second channel', 'inProgress', 9],
      ['Certification run', 'todo', 45],
    ],
  },
  { name: 'Payroll migration', state: 'planned', dueInDays: 47, tasks: [['Compare the two providers', 'todo', 12]] },
  {
    name: 'Vision calibration rig',
    state: 'onTrack',
    dueInDays: 24,
    tasks: [
      ['Order lenses', 'done'],
      ['Mount the checkerboard', 'todo', 6],
    ],
  },
  {
    name: 'Dock 4 conveyor refit',
    state: 'onHold',
    dueInDays: 22,
    description: 'Waiting for the landlord to approve the new anchors.',
    tasks: [
      ['Measure the floor', 'done'],
      ['Order belts', 'blocked'],
    ],
  },
  {
    name: 'Field service handbook',
    state: 'onTrack',
    dueInDays: 18,
    tasks: [
      ['Chapter on sensors', 'inProgress', 3],
      ['Photographs', 'todo', 10],
    ],
  },
  {
    name: 'Supplier portal',
    state: 'onTrack',
    dueInDays: 13,
    tasks: [
      ['Sign-in for suppliers', 'done'],
      ['Upload of certificates', 'inProgress', 4],
      ['Invite the first ten', 'todo', 11],
    ],
  },
  {
    name: 'Warehouse pilot, Zaragoza',
    state: 'onTrack',
    dueInDays: 7,
    tasks: [
      ['Train the night shift', 'done'],
      ['Map the racks', 'done'],
      ['Two weeks without a stop', 'inProgress', 7],
    ],
  },
  {
    name: 'CE marking dossier',
    state: 'atRisk',
    dueInDays: -3,
    tasks: [
      ['Risk assessment', 'done'],
      ['Declaration of conformity', 'blocked', -3],
    ],
  },
  {
    name: 'Battery swap station',
    state: 'delivered',
    dueInDays: -7,
    tasks: [
      ['Acceptance test', 'done'],
      ['Hand over to service', 'done'],
    ],
  },
  {
    name: 'Gripper v3 launch',
    state: 'atRisk',
    dueInDays: 3,
    description: 'The gripper ships once the pinch-force test passes at the fingertip.',
    tasks: [
      ['Sign off torque limits with the notified body', 'blocked', -3],
      ['Order 400 seals from Lindqvist AB', 'blocked', 0],
      ['Rewrite the pinch-force acceptance test', 'inProgress', 1],
      ['Photograph the gripper on the demo line', 'inProgress', 1],
      ['Price list for Iberia and the Nordics', 'inProgress', 2],
      ['Translate the quick-start card into Spanish', 'inProgress', 3],
      ['Book the loading bay for Tuesday', 'todo', 3],
      ['Announce to pilot customers', 'todo', 3],
      ['Load serial numbers 3000 to 3400', 'todo', 4],
      ['Spare finger kit: agree packaging', 'done'],
    ],
  },
]

const globex: readonly DemoProject[] = [
  { name: 'Customer onboarding', state: 'onTrack', dueInDays: 27, tasks: [['Welcome pack', 'inProgress', 5]] },
  { name: 'Price list', state: 'planned', dueInDays: null, tasks: [] },
]

/** Gives a demo tenant something to look at, unless it has something already. */
export async function fillDemo({ slug, owner, people }: DemoTenant): Promise<void> {
  const { items } = (await owner(listProjects, { limit: 1 })) as { items: unknown[] }
  if (items.length > 0) return
  for (const { tasks, dueInDays, ...project } of slug === 'acme' ? acme : globex) {
    const { id: projectId } = (await owner(createProject, { ...project, dueOn: inDays(dueInDays) })) as { id: string }
    for (const [index, [title, state, due]] of tasks.entries()) {
      // In turn, and every so often to nobody.
      const assigneeId = people[index % (people.length + 1)] ?? null
      await owner(createTask, { projectId, title, state, assigneeId, dueOn: inDays(due ?? null) })
    }
  }
}

function inDays(days: number | null): string | null {
  return days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)
}
