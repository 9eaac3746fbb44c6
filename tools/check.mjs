import { join } from 'node:path'
import { runChild } from '../platform/bin/run-child.js'
import { SetupError, step } from './progress.mjs'

const checks = [
  { name: 'Types', run: ['typescript7/bin/tsc', '-p', '.'] },
  { name: 'Lint', run: ['oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
  { name: 'Format', run: ['@biomejs/biome/bin/biome', 'ci', '.'] },
  { name: 'Unused code', run: ['knip/bin/knip.js'] },
]

/** Runs every check, reports each in a line, prints what the failing ones say, and returns true when all pass. */
export async function check(node, repositoryFolder) {
  const failed = []
  for (const { name, run } of checks) {
    try {
      await step(
        name,
        () => runCheck(node, repositoryFolder, run),
        () => name,
      )
    } catch (error) {
      if (!(error instanceof SetupError)) throw error
      console.error(error.message)
      failed.push(name)
    }
  }
  console.error(failed.length === 0 ? 'All checks pass' : `Failed: ${failed.join(', ')}`)
  return failed.length === 0
}

async function runCheck(node, repositoryFolder, [program, ...options]) {
  const script = join(repositoryFolder, 'node_modules', program)
  const ended = await runChild(node, [script, ...options], { cwd: repositoryFolder, captureOutput: true })
  if (ended.code !== 0) throw new SetupError(ended.output.trim())
}
