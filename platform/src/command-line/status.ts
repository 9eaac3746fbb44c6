import { resolve } from 'node:path'
import { readConfiguration } from '#kernel/config/configuration'
import { columns, print } from './output.ts'
import { findProduct } from './product-file.ts'
import { release } from './release.ts'
import { runningIn } from './running.ts'

const askTimeoutMs = 3_000

/** `tenantry status`: whether an installation runs in this data folder, where, and whether it can serve. Exit status 3 when not. */
export async function status(options: { json?: boolean }): Promise<void> {
  const dataFolder = resolve(findProduct(process.cwd()).projectFolder, readConfiguration(process.env).dataFolder)
  const running = runningIn(dataFolder)
  const ready = running ? await readiness(running.url) : 'not running'
  print({ release: release(), dataFolder, ready, ...running }, options, (all) =>
    columns(Object.entries(all).map(([field, value]) => [field, String(value ?? '')])),
  )
  if (ready !== 'ready') process.exitCode = 3
}

async function readiness(url: string): Promise<string> {
  const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(askTimeoutMs) }).catch(() => undefined)
  if (!answer) return 'does not answer'
  const { status: said, failed } = (await answer.json()) as { status: string; failed: string[] }
  return failed.length === 0 ? said : `${said}: ${failed.join(', ')}`
}
