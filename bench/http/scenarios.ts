import type { Exchange } from './load.ts'

/** A request that both sides answer alike. */
export interface Scenario {
  readonly name: 'read' | 'list' | 'write'
  readonly exchange: Exchange
  /** The part of an answer that is the same on both sides and every time. */
  readonly lasting: (answer: Record<string, unknown>) => unknown
  /** Chosen so that a round takes each side one to four CPU seconds. */
  readonly requestsPerRound: number
  /** The least ratio that the project has set itself. */
  readonly atLeast: number
}

export const nameOfCreated = 'A project of the benchmark'

export function scenariosFor(key: string, projectId: string): Scenario[] {
  const headers = { authorization: `Bearer ${key}` }
  return [
    {
      name: 'read',
      exchange: { method: 'GET', path: `/api/v1/projects/${projectId}`, headers, status: 200 },
      lasting: (project) => project,
      requestsPerRound: 30_000,
      atLeast: 0.5,
    },
    {
      name: 'list',
      exchange: { method: 'GET', path: '/api/v1/projects?limit=20', headers, status: 200 },
      // Ours signs its cursors.
      lasting: ({ items }) => items,
      requestsPerRound: 12_000,
      atLeast: 0.6,
    },
    {
      name: 'write',
      exchange: {
        method: 'POST',
        path: '/api/v1/projects',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ name: nameOfCreated }),
        status: 201,
      },
      lasting: ({ name, description, state, dueOn, tasks, version }) => ({
        name,
        description,
        state,
        dueOn,
        tasks,
        version,
      }),
      requestsPerRound: 8_000,
      atLeast: 0.4,
    },
  ]
}
