import { day, id, instant, line, text, version, z } from 'tenantry/kernel'

export const ProjectName = line({ max: 120 })
export const ProjectState = z.enum(['planned', 'onTrack', 'atRisk', 'onHold', 'delivered'])

export const Project = z.object({
  id: id(),
  name: ProjectName,
  description: text({ max: 5_000 }),
  state: ProjectState,
  dueOn: day().nullable(),
  teamId: id().nullable().describe('The team that it belongs to.'),
  ownerId: id().nullable().describe('The account of whoever created it.'),
  tasks: z.number().int().min(0).describe('Tasks that are not in the trash.'),
  doneTasks: z.number().int().min(0),
  createdAt: instant(),
  updatedAt: instant(),
  deletedAt: instant().nullable(),
  version: version(),
})

export const TaskTitle = line({ max: 200 })
export const TaskState = z.enum(['todo', 'inProgress', 'blocked', 'done'])

export const Task = z.object({
  id: id(),
  projectId: id(),
  title: TaskTitle,
  notes: text({ max: 10_000 }),
  state: TaskState,
  assigneeId: id().nullable().describe('The account of a member.'),
  dueOn: day().nullable(),
  createdAt: instant(),
  updatedAt: instant(),
  deletedAt: instant().nullable(),
  version: version(),
})
