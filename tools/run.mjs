// Runs a command of this repository, and before it whatever set-up is missing: node tools/run.mjs <command> [arguments]
// Plain JavaScript for Node 18 and newer, with nothing installed.
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endLike, runChild } from '../platform/bin/run-child.js'
import { check } from './check.mjs'
import { ensureDependencies } from './dependencies.mjs'
import { ensureNode } from './local-node.mjs'
import { makePackage } from './package.mjs'
import { SetupError, step } from './progress.mjs'

const repositoryFolder = dirname(dirname(fileURLToPath(import.meta.url)))
const scripts = {
  start: ['platform/bin/tenantry.js', 'start'],
  dev: ['platform/bin/tenantry.js', 'dev'],
  test: ['tests/run.ts'],
  'test:extended': ['tests/run.ts', '--extended'],
  bench: ['bench/run.ts'],
}

const [command, ...rest] = process.argv.slice(2)
try {
  await run()
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(error.message)
  process.exitCode = 1
}

async function run() {
  const commands = [...Object.keys(scripts), 'check', 'package']
  if (!commands.includes(command)) throw new SetupError(`usage: node tools/run.mjs <${commands.join('|')}> [arguments]`)
  const { node } = await step(
    'Fetching Node 24',
    () => ensureNode(repositoryFolder),
    ({ report }) => report,
  )
  await step(
    'Installing the dependencies',
    () => ensureDependencies(node, repositoryFolder),
    (report) => report,
  )

  if (command === 'check') {
    process.exitCode = (await check(node, repositoryFolder)) ? 0 : 1
  } else if (command === 'package') {
    const [destination = '.'] = rest
    const file = await step(
      'Making the package',
      () => makePackage(node, repositoryFolder, resolve(destination)),
      () => 'Package made',
    )
    console.log(file)
  } else {
    const [script, ...first] = scripts[command]
    endLike(await runChild(node, ['--conditions=source', join(repositoryFolder, script), ...first, ...rest]))
  }
}
