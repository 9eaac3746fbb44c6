import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import type { ClusterLocation } from './cluster-location.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { runsAs, type ServerAccount } from './server-account.ts'

/** PostgreSQL's programs and libraries, ready to run. */
export interface Binaries {
  /** Holds `bin`, `lib` and `share`. */
  readonly folder: string
  /** Of PostgreSQL: 18. */
  readonly major: number
}

const supportedPlatforms = ['darwin-arm64', 'darwin-x64', 'linux-arm64', 'linux-x64']

/**
 * Finds the binaries that npm installed and makes them run as the account. They stay where they are if the library
 * links can be made there and the account gets there; otherwise they are copied, once per version.
 */
export function prepareBinaries(location: ClusterLocation, onProgress: (message: string) => void): Binaries {
  const { account, binaryCopies } = location
  const { name, version, folder } = installedPackage()
  const major = Number.parseInt(version, 10)
  const installed = join(folder, 'native')
  if (linkLibraries(installed) && canRun(account, installed)) return { folder: installed, major }

  const copy = join(binaryCopies, `postgresql-${version}-${basename(name)}`)
  if (!existsSync(copy)) {
    onProgress(`PostgreSQL can't run from ${installed}; copying it to ${copy}`)
    copyBinaries(installed, copy)
  }
  if (canRun(account, copy)) return { folder: copy, major }
  throw new EmbeddedPostgresError(
    'binaries_missing',
    `PostgreSQL in ${copy} does not run${account ? ` as the account "${account.name}"` : ''}.`,
    `Run "${join(copy, 'bin', 'postgres')} --version" to see why, or set TENANTRY_DATABASE_URL to use another server.`,
  )
}

function installedPackage(): { name: string; version: string; folder: string } {
  const platform = `${process.platform}-${process.arch}`
  const remedy = 'Set TENANTRY_DATABASE_URL to use a PostgreSQL server of your own.'
  if (!supportedPlatforms.includes(platform)) {
    throw new EmbeddedPostgresError(
      'platform_not_supported',
      `There is no embedded PostgreSQL for ${platform}.`,
      remedy,
    )
  }
  const name = `@embedded-postgres/${platform}`
  try {
    const folder = dirname(dirname(createRequire(import.meta.url).resolve(name)))
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { name, version, folder }
  } catch {
    throw new EmbeddedPostgresError('binaries_missing', `${name} is not installed.`, `Run "npm ci", or: ${remedy}`)
  }
}

/**
 * Makes the library links the package's own install script would make; that script never runs here. Two processes may
 * do it at once. Returns false where links are missing and the folder can't be written to.
 */
export function linkLibraries(folder: string): boolean {
  const file = join(folder, 'pg-symlinks.json')
  const links = JSON.parse(readFileSync(file, 'utf8')) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(dirname(folder), target)
    if (existsSync(link)) continue
    try {
      symlinkSync(basename(source), link)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false
      if (code !== 'EEXIST') throw error
    }
  }
  return true
}

function canRun(account: ServerAccount | undefined, folder: string): boolean {
  const command = [join(folder, 'bin', 'postgres'), '--version']
  if (account) return runsAs(account, command)
  return spawnSync(command[0] ?? '', command.slice(1), { stdio: 'ignore' }).status === 0
}

/** Of two that copy at once the second finds the place taken and drops its own copy. */
function copyBinaries(source: string, target: string): void {
  mkdirSync(dirname(target), { recursive: true })
  const temporary = mkdtempSync(`${target}-copying-`)
  const copy = join(temporary, 'native')
  try {
    cpSync(source, copy, { recursive: true, verbatimSymlinks: true })
    linkLibraries(copy)
    letEveryoneRead(copy)
    renameSync(copy, target)
  } catch (error) {
    if (!existsSync(target)) throw error
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

function letEveryoneRead(folder: string): void {
  chmodSync(folder, 0o755)
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) chmodSync(join(entry.parentPath, entry.name), 0o755)
  }
}
