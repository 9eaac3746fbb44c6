import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { holdAlone } from './exclusive.mjs'
import { runNpm } from './npm.mjs'

/**
 * Installs what package-lock.json pins, unless exactly that is installed already, whoever did it. Of two that start
 * at once one installs and the other waits. Without anything to do it asks npm, and so the network, for nothing.
 * Returns the line to report.
 */
export async function ensureDependencies(node, repositoryFolder) {
  if (isInstalled(repositoryFolder)) return 'Dependencies are those of package-lock.json'
  const runtimeFolder = join(repositoryFolder, '.runtime')
  mkdirSync(runtimeFolder, { recursive: true })
  const release = await holdAlone(join(runtimeFolder, 'installing'), 'is installing the dependencies')
  try {
    if (isInstalled(repositoryFolder)) return 'Dependencies were installed by another process'
    rmSync(stampFile(repositoryFolder), { force: true })
    await runNpm(node, ['ci'], repositoryFolder)
    noteAsInstalled(repositoryFolder)
    return 'Dependencies installed as pinned in package-lock.json'
  } finally {
    release()
  }
}

function isInstalled(repositoryFolder) {
  const file = stampFile(repositoryFolder)
  if (existsSync(file) && readFileSync(file, 'utf8') === stamp(repositoryFolder)) return true
  if (!matchesLockFile(repositoryFolder)) return false
  noteAsInstalled(repositoryFolder)
  return true
}

function noteAsInstalled(repositoryFolder) {
  try {
    writeFileSync(stampFile(repositoryFolder), stamp(repositoryFolder))
  } catch (error) {
    if (!['EACCES', 'EROFS'].includes(error.code)) throw error // someone else's folder: compare again next time
  }
}

/** Compares what npm noted in node_modules about its last installation with what package-lock.json asks for. */
function matchesLockFile(repositoryFolder) {
  const noted = join(repositoryFolder, 'node_modules', '.package-lock.json')
  if (!existsSync(noted)) return false
  const installed = JSON.parse(readFileSync(noted, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(join(repositoryFolder, 'package-lock.json'), 'utf8')).packages
  return (
    Object.keys(installed).every((path) => path in wanted) &&
    Object.entries(wanted)
      .filter(([path]) => path.includes('node_modules/'))
      .every(([path, entry]) => isInstalledAs(entry, installed[path]))
  )
}

/** Optional packages are mostly those for other platforms, which npm leaves out. */
function isInstalledAs(wanted, installed) {
  if (!installed) return wanted.optional === true
  return installed.version === wanted.version && installed.integrity === wanted.integrity
}

function stampFile(repositoryFolder) {
  return join(repositoryFolder, 'node_modules', '.installed-lock-file')
}

function stamp(repositoryFolder) {
  const lockFile = readFileSync(join(repositoryFolder, 'package-lock.json'))
  return `${createHash('sha256').update(lockFile).digest('hex')} ${process.platform} ${process.arch}\n`
}
