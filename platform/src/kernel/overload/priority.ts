import type { Method, Permission, TargetKind } from '../operation.ts'

/** Who is refused first when there is more to do than can be done: exports. Health routes never are. */
export type Priority = 'sign-in' | 'write' | 'read' | 'export'

/**
 * The priority that follows from an operation's declaration. Who is shut out can do nothing else, so signing in, up and
 * back in come first; a change that somebody has typed is dearer than a page that can be read again.
 */
export function priorityOf(
  method: Method,
  { permission, target }: { permission: Permission; target?: TargetKind },
): Exclude<Priority, 'export'> {
  if (permission === 'public' && target === 'identity') return 'sign-in'
  return method === 'GET' ? 'read' : 'write'
}
