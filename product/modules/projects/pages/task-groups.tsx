import { useQuery } from '@tanstack/react-query'
import { ChevronDown, Circle, CircleCheck } from 'lucide-react'
import { Day, useToday } from 'tenantry/ui/date.tsx'
import { Avatar } from 'tenantry/ui/people.tsx'
import { useText } from 'tenantry/ui/text.tsx'
import { membersQuery, useMay, useTenant } from 'tenantry/web/session.ts'
import { type TaskRecord, TaskStatus, taskStates } from './project-state.tsx'
import { useChanges } from './use-changes.ts'

interface TaskGroupsProps {
  readonly tasks: readonly TaskRecord[]
  readonly openId: string | undefined
  readonly onOpen: (id: string) => void
}

/** Tasks under their state, what needs attention first; a group without tasks is left out. */
export function TaskGroups({ tasks, openId, onOpen }: TaskGroupsProps) {
  const groups = taskStates.map((state) => ({ state, of: tasks.filter((task) => task.state === state) }))
  return groups
    .filter(({ of }) => of.length > 0)
    .map(({ state, of }) => (
      <details key={state} className="group" open>
        <summary>
          <ChevronDown size={14} aria-hidden />
          <TaskStatus state={state} />
          <span className="count">{of.length}</span>
        </summary>
        <ul>
          {of.map((task) => (
            <TaskRow key={task.id} task={task} isOpen={task.id === openId} onOpen={() => onOpen(task.id)} />
          ))}
        </ul>
      </details>
    ))
}

function TaskRow({ task, isOpen, onOpen }: { task: TaskRecord; isOpen: boolean; onOpen: () => void }) {
  const t = useText()
  const may = useMay()
  const { slug } = useTenant()
  const { data: members } = useQuery(membersQuery(slug))
  const { setTaskState } = useChanges()
  const { title, state, dueOn, assigneeId } = task
  const today = useToday()
  const isDone = state === 'done'
  const assignee = members?.find(({ userId }) => userId === assigneeId)
  const isLate = dueOn !== null && !isDone && dueOn < today
  return (
    <li aria-current={isOpen ? true : undefined} className={isDone ? 'is-done' : ''}>
      {may('task:update') && (
        <button
          type="button"
          className="tick"
          aria-label={t(isDone ? 'projects.markOpen' : 'projects.markDone', { title })}
          onClick={() => void setTaskState(task, isDone ? 'todo' : 'done')}
        >
          {isDone ? <CircleCheck size={16} aria-hidden /> : <Circle size={16} aria-hidden />}
        </button>
      )}
      <button type="button" className="title" dir="auto" onClick={onOpen}>
        {title}
      </button>
      <span className={`due ${isLate ? 'late' : ''}`}>{dueOn !== null && <Day on={dueOn} />}</span>
      {assignee ? (
        <span title={assignee.name}>
          <Avatar name={assignee.name} />
          <span className="unseen">{assignee.name}</span>
        </span>
      ) : (
        <span className="avatar nobody" title={t('projects.nobody')} />
      )}
    </li>
  )
}
