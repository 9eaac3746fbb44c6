import { existsSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { endLike, runChild } from '../platform/bin/run-child.js'
import { SetupError } from './progress.mjs'

/**
 * Runs the machine's npm with the given Node, without scripts of packages. Its output is shown only when it fails.
 * npm leaves out optional packages that refuse the Node it runs on, so what a project needs at run time must be
 * installed with the Node it will run on.
 */
export async function runNpm(node, npmArguments, folder) {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=warn']
  const ended = await runChild(node, [findNpm(), ...npmArguments, ...options], { cwd: folder, captureOutput: true })
  if (ended.signal === 'SIGINT' || ended.signal === 'SIGTERM') endLike(ended)
  if (ended.code !== 0) {
    throw new SetupError(`"npm ${npmArguments.join(' ')}" failed in ${folder}:\n${ended.output.trim()}`)
  }
}

function findNpm() {
  const given = process.env.npm_execpath
  if (given && basename(given) === 'npm-cli.js') return given
  const besideNode = [dirname(process.execPath), ...(process.env.PATH ?? '').split(delimiter)]
  for (const folder of besideNode) {
    const command = join(folder, 'npm')
    const onWindows = join(folder, 'node_modules', 'npm', 'bin', 'npm-cli.js')
    if (existsSync(onWindows)) return onWindows
    if (existsSync(command) && basename(realpathSync(command)) === 'npm-cli.js') return realpathSync(command)
  }
  throw new SetupError('npm was not found. It comes with Node; install it, or start with "npm start".')
}
