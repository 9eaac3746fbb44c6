import { closeSync, copyFileSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'

const sizeMaxBytes = 10_000_000
const checkEveryMs = 60_000
const lastWordsLines = 10

/**
 * The log of one run of the server. It is a file of ours rather than PostgreSQL's own log collector, because that is a
 * process that outlives the server for a moment and is left to the system to tidy up.
 */
export interface ServerLog {
  /** For the server to append to. */
  readonly descriptor: number
  /** The last lines of this run. */
  lastWords(): string
  close(): void
}

/** Opens `postgresql.log` in the folder. One older part, `postgresql.log.1`, is kept: together about 20 MB at most. */
export function openServerLog(folder: string): ServerLog {
  const file = join(folder, 'postgresql.log')
  const descriptor = openSync(file, 'a', 0o600)
  limitSize(file)
  const startedAtByte = statSync(file).size
  const timer = setInterval(() => limitSize(file), checkEveryMs).unref()
  return {
    descriptor,
    lastWords() {
      const log = readFileSync(file)
      const ofThisRun = log.subarray(log.length < startedAtByte ? 0 : startedAtByte).toString('utf8')
      return ofThisRun.trimEnd().split('\n').slice(-lastWordsLines).join('\n')
    },
    close() {
      clearInterval(timer)
      closeSync(descriptor)
    },
  }
}

/** The server appends to the open file, so it is emptied in place; lines written in between are lost. */
function limitSize(file: string): void {
  if (statSync(file).size <= sizeMaxBytes) return
  copyFileSync(file, `${file}.1`)
  truncateSync(file)
}
