import { setTimeout as sleep } from 'node:timers/promises'
import type { Postmaster } from './postmaster.ts'

const firstPauseMs = 100
const pauseMaxMs = 5_000

/** A server that ran this long before it ended is started again after the first, short pause. */
const steadyAfterMs = 30_000

/**
 * Starts the server again whenever it ends by itself (kill -9, out of memory), until that works, with pauses of 100 ms
 * and then ever longer ones up to 5 s. Returns what ends the watch and the server.
 */
export function keepRunning(
  first: Postmaster,
  startAgain: (signal: AbortSignal) => Promise<Postmaster>,
  onProgress: (message: string) => void,
): () => Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const asked = new Promise((resolve) => signal.addEventListener('abort', resolve))

  const watch = async (): Promise<void> => {
    let server: Postmaster | undefined = first
    let pauseMs = firstPauseMs
    while (server) {
      const startedAt = performance.now()
      await Promise.race([server.ended, asked])
      if (signal.aborted) return server.stop()
      onProgress('PostgreSQL ended unexpectedly; starting it again')
      if (performance.now() - startedAt > steadyAfterMs) pauseMs = firstPauseMs
      server = undefined
      while (!server && !signal.aborted) {
        await sleep(pauseMs, undefined, { signal }).catch(() => undefined)
        pauseMs = Math.min(pauseMs * 2, pauseMaxMs)
        server = await startAgain(signal).catch((error: Error) => {
          if (!signal.aborted) onProgress(error.message)
          return undefined
        })
      }
      if (server) onProgress('PostgreSQL runs again')
    }
  }

  const watching = watch()
  return () => {
    stopping.abort()
    return watching
  }
}
