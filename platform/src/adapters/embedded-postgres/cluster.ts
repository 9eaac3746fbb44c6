import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Binaries } from './binaries.ts'
import type { ClusterLocation } from './cluster-location.ts'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { type Durability, serverEnvironment } from './postmaster.ts'
import { killProcessesIn } from './server-processes.ts'

export const superuser = 'postgres'
const unfinished = 'cluster-unfinished-'

/** Refuses a cluster that this PostgreSQL, or this account, can't serve. Changes nothing. */
export function checkCluster({ cluster, account }: ClusterLocation, binaries: Binaries): void {
  const owner = statSync(cluster, { throwIfNoEntry: false })
  if (!owner) return
  const us = account?.uid ?? process.getuid?.()
  if (us !== undefined && owner.uid !== us) {
    throw new EmbeddedPostgresError(
      'data_folder_of_another_account',
      `The database in ${cluster} belongs to another account (user id ${owner.uid}).`,
      'Start as the user who created it, or set TENANTRY_DATA to another folder.',
    )
  }
  const major = Number.parseInt(readFileSync(join(cluster, 'PG_VERSION'), 'utf8'), 10)
  if (major === binaries.major) return
  throw new EmbeddedPostgresError(
    'data_folder_of_another_version',
    `The database in ${cluster} was made by PostgreSQL ${major}; this is PostgreSQL ${binaries.major}, which can't read it.`,
    `Export it with PostgreSQL ${major} (pg_dumpall) and import it here, or set TENANTRY_DATA to another folder.`,
  )
}

/**
 * Creates the cluster unless it exists, and returns the superuser's password. The password is on disk before the
 * cluster, and the cluster gets its name when it is complete: a start that was killed half-way is simply repeated.
 * The caller holds the folder's lock.
 */
export async function ensureCluster(
  location: ClusterLocation,
  binaries: Binaries,
  durability: Durability,
): Promise<string> {
  const passwordFile = join(location.dataFolder, 'superuser-password')
  for (const name of readdirSync(location.home).filter((entry) => entry.startsWith(unfinished))) {
    await killProcessesIn(join(location.home, name))
    rmSync(join(location.home, name), { recursive: true })
  }
  if (existsSync(location.cluster)) return keptPassword(passwordFile)
  if (!existsSync(passwordFile)) writePrivately(passwordFile, randomBytes(24).toString('base64url'))
  const password = keptPassword(passwordFile)

  const workshop = mkdtempSync(join(location.home, unfinished))
  const cluster = join(workshop, 'cluster')
  const passwordForInitdb = join(workshop, 'password')
  mkdirSync(cluster, { mode: 0o700 })
  writePrivately(passwordForInitdb, password)
  if (location.account) {
    for (const path of [workshop, cluster, passwordForInitdb])
      chownSync(path, location.account.uid, location.account.gid)
  }
  await runInitdb(location, binaries, workshop, initdbArguments(cluster, passwordForInitdb, durability))
  renameSync(cluster, location.cluster)
  rmSync(workshop, { recursive: true })
  return password
}

function initdbArguments(cluster: string, passwordFile: string, durability: Durability): string[] {
  return [
    `--pgdata=${cluster}`,
    `--username=${superuser}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    // PostgreSQL's own C.UTF-8 sorts alike on every system. LC_CTYPE is still asked by full-text search for what a letter is.
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    `--lc-ctype=${process.platform === 'darwin' ? 'en_US.UTF-8' : 'C.UTF-8'}`,
    '--data-checksums',
    '--no-instructions',
    ...(durability === 'none' ? ['--no-sync'] : []),
  ]
}

async function runInitdb(
  { account, home }: ClusterLocation,
  binaries: Binaries,
  workshop: string,
  initdbOptions: string[],
): Promise<void> {
  const initdb = spawn(join(binaries.folder, 'bin', 'initdb'), initdbOptions, {
    cwd: workshop, // so that the next start finds it, should we be killed
    env: serverEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(account && { uid: account.uid, gid: account.gid }),
  })
  let output = ''
  for (const stream of [initdb.stdout, initdb.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise((resolve, reject) => initdb.once('error', reject).once('close', resolve))
  if (code === 0) return
  throw new EmbeddedPostgresError(
    'initdb_failed',
    `PostgreSQL could not create its data directory in ${home}:\n${output.trim()}`,
    'Mend what it names (often: no space left, or a read-only folder), or set TENANTRY_DATA to another folder.',
  )
}

function keptPassword(passwordFile: string): string {
  if (existsSync(passwordFile)) return readFileSync(passwordFile, 'utf8').trim()
  throw new EmbeddedPostgresError(
    'superuser_password_missing',
    `The database exists, but the password of its superuser is gone: ${passwordFile}`,
    'Bring the file back, or delete the data folder to start with an empty database.',
  )
}

/** Complete or absent, even after a power cut, and readable by its owner alone. */
function writePrivately(file: string, text: string): void {
  writeFileSync(`${file}.new`, `${text}\n`, { mode: 0o600, flush: true })
  renameSync(`${file}.new`, file)
}
