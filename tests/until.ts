import { setTimeout as wait } from 'node:timers/promises'

/** Waits until something is so; throws when it takes too long. */
export async function until(what: string, isSo: () => Promise<boolean>, withinMs = 20_000): Promise<void> {
  const giveUpAtMs = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error(`not within ${withinMs} ms: ${what}`)
    await wait(20)
  }
}
