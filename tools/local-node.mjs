import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isRecentEnough, nodeExecutable, nodePackageName, oldestNodeVersion } from '../platform/bin/local-node.js'
import { runNpm } from './npm.mjs'
import { SetupError } from './progress.mjs'

/** Node for every platform that has it on npm, pinned by version and hash. The packages hold Node alone, no npm. */
const nodePackages = JSON.parse(readFileSync(new URL('node-packages.json', import.meta.url), 'utf8'))

/**
 * Makes sure there is a Node that can run the project: the one that runs this file if it is recent enough, otherwise
 * a copy for this project alone in `.runtime/node-v<version>/`, fetched once.
 * Returns the executable and the line to report.
 */
export async function ensureNode(repositoryFolder) {
  if (isRecentEnough(process.versions.node)) {
    return { node: process.execPath, report: `Node ${process.versions.node}` }
  }
  const name = nodePackageName()
  const wanted = nodePackages[name]
  if (!wanted) {
    throw new SetupError(
      `This is Node ${process.versions.node}; ${oldestNodeVersion} or newer is needed, and npm has no copy of it for ` +
        `${process.platform} on ${process.arch}. Install Node 24 and start again.`,
    )
  }
  const folder = join(repositoryFolder, '.runtime', `node-v${wanted.version}`)
  const present = existsSync(folder)
  if (!present) await fetchNode(name, wanted, folder)
  return {
    node: nodeExecutable(folder),
    report: `Node ${wanted.version} ${present ? 'in' : 'fetched into'} .runtime (this machine has ${process.versions.node})`,
  }
}

/**
 * Lets npm install the one package into a temporary folder, with a lock file that holds its hash, and moves it into
 * place in one step; of two that do so at once the second finds the place taken and drops its own copy.
 */
async function fetchNode(name, { version, integrity }, folder) {
  const runtimeFolder = join(folder, '..')
  mkdirSync(runtimeFolder, { recursive: true })
  const temporary = mkdtempSync(join(runtimeFolder, 'fetching-'))
  try {
    const dependencies = { [name]: version }
    const packages = { '': { dependencies }, [`node_modules/${name}`]: { version, integrity } }
    writeFileSync(join(temporary, 'package.json'), JSON.stringify({ private: true, dependencies }))
    writeFileSync(
      join(temporary, 'package-lock.json'),
      JSON.stringify({ lockfileVersion: 3, requires: true, packages }),
    )
    await runNpm(process.execPath, ['ci'], temporary)
    renameSync(join(temporary, 'node_modules', name), folder)
  } catch (error) {
    if (!existsSync(folder)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}
