import { useToday } from 'tenantry/ui/date.tsx'
import { Progress } from 'tenantry/ui/progress.tsx'
import { Status, type StatusLook } from 'tenantry/ui/status.tsx'
import { useText } from 'tenantry/ui/text.tsx'
import type { operations } from '../../../client/generated/schema.d.ts'

type AnswerOf<Name extends 'projects.read' | 'tasks.read'> =
  operations[Name]['responses'][200]['content']['application/json']

export type ProjectRecord = AnswerOf<'projects.read'>
export type TaskRecord = AnswerOf<'tasks.read'>

export const projectStates = ['planned', 'onTrack', 'atRisk', 'onHold', 'delivered'] as const
export const taskStates = ['blocked', 'inProgress', 'todo', 'done'] as const

const looks: Readonly<Record<ProjectRecord['state'] | TaskRecord['state'] | 'overdue', StatusLook>> = {
  planned: 'planned',
  onTrack: 'going',
  atRisk: 'warn',
  onHold: 'paused',
  delivered: 'good',
  overdue: 'bad',
  todo: 'open',
  inProgress: 'going',
  blocked: 'bad',
  done: 'good',
}

/** A project that is not delivered by its day is overdue, whatever its state says. */
function useLook({ state, dueOn }: ProjectRecord): { word: keyof typeof looks; look: StatusLook } {
  const today = useToday()
  const word = dueOn !== null && dueOn < today && state !== 'delivered' ? 'overdue' : state
  return { word, look: looks[word] }
}

export function ProjectStatus({ project }: { project: ProjectRecord }) {
  const t = useText()
  const { word, look } = useLook(project)
  return <Status look={look}>{t(`projects.${word}`)}</Status>
}

export function ProjectProgress({ project }: { project: ProjectRecord }) {
  const t = useText()
  const { look } = useLook(project)
  const label = `${t('projects.progress')}: ${project.name}`
  return <Progress done={project.doneTasks} total={project.tasks} look={look} label={label} />
}

export function TaskStatus({ state }: { state: TaskRecord['state'] }) {
  const t = useText()
  return <Status look={looks[state]}>{t(`projects.${state}`)}</Status>
}
