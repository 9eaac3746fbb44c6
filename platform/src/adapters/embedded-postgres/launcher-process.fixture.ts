// A process of its own around the launcher, for tests to kill: starts with the options in its argument, reports every
// event as a line of JSON, and stops at SIGTERM.

import { type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

export type LauncherEvent =
  | { readonly event: 'progress'; readonly message: string }
  | { readonly event: 'ready'; readonly port: number; readonly superuserUrl: string; readonly dataFolder: string }
  | { readonly event: 'refused'; readonly code: string; readonly message: string; readonly remedy: string }

function report(event: LauncherEvent): void {
  console.log(JSON.stringify(event))
}

try {
  const options = JSON.parse(process.argv[2] ?? '') as EmbeddedPostgresOptions
  const server = await startEmbeddedPostgres({
    ...options,
    onProgress: (message) => report({ event: 'progress', message }),
  })
  const { port, superuserUrl, dataFolder } = server
  process.once('SIGTERM', () => void server.stop())
  report({ event: 'ready', port, superuserUrl, dataFolder })
} catch (error) {
  if (!(error instanceof EmbeddedPostgresError)) throw error
  const { code, message, remedy } = error
  report({ event: 'refused', code, message, remedy })
}
