// Set-up reports to stderr, so that stdout belongs to the command itself (`npm run bench -- http --json`).
const silentForMs = 300
const stillWorkingEveryMs = 15_000

/**
 * Runs one step of the set-up and reports it in one line with its duration. A step that takes longer than a moment
 * says what it is doing first, and every 15 seconds that it is still at it. `report` makes the line from the result.
 */
export async function step(doing, work, report) {
  const startedAt = performance.now()
  const elapsedMs = () => Math.round(performance.now() - startedAt)
  const announcement = setTimeout(() => console.error(`… ${doing}`), silentForMs)
  const reminder = setInterval(
    () => console.error(`… ${doing}: ${Math.round(elapsedMs() / 1000)} s`),
    stillWorkingEveryMs,
  )
  try {
    const result = await work()
    console.error(`✓ ${report(result)}  ${elapsedMs()} ms`)
    return result
  } catch (error) {
    console.error(`✗ ${doing}  ${elapsedMs()} ms`)
    throw error
  } finally {
    clearTimeout(announcement)
    clearInterval(reminder)
  }
}

/** A failure that the reader can mend: the message says what went wrong and what to do; no stack is shown. */
export class SetupError extends Error {}
