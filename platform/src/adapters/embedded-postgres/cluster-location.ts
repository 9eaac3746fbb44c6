import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'
import { canEnter, type ServerAccount, serverAccount } from './server-account.ts'

/** Where root's clusters go when PostgreSQL's account can't get into the data folder: persistent, and root's own. */
const fallbackRoot = '/var/lib/tenantry'
const fallbackPrefix = 'database-'
const ownerNote = 'belongs-to'

/** Where things of one data folder lie. */
export interface ClusterLocation {
  /** Holds the superuser's password and the log. */
  readonly dataFolder: string
  /** Holds `cluster` and the launcher's own files: the data folder, or its fallback. */
  readonly home: string
  /** PostgreSQL's data directory. */
  readonly cluster: string
  /** Where binaries are copied to if they can't run where they are installed. */
  readonly binaryCopies: string
  /** What PostgreSQL runs as, if not as ourselves. */
  readonly account: ServerAccount | undefined
}

/**
 * Decides where the cluster of a data folder lies. Usually inside it. When we are root and the account PostgreSQL runs
 * as can't enter it (a clone under a home of mode 0700), in a fallback folder that is noted in the data folder.
 * The caller holds the folder's lock.
 */
export function locateCluster(folder: string, onProgress: (message: string) => void): ClusterLocation {
  const note = join(folder, 'cluster-location')
  const home = existsSync(note) ? notedFallback(note) : folder
  const account = serverAccount(join(home, 'cluster'))
  const reachable = !account || home !== folder || canEnter(account, folder)
  const location = (place: string): ClusterLocation => ({
    dataFolder: folder,
    home: place,
    cluster: join(place, 'cluster'),
    binaryCopies: account ? fallbackRoot : join(folder, 'binaries'),
    account,
  })
  if (reachable) return location(home)

  const fallback = createFallback(folder)
  writeFileSync(note, `${fallback}\n`)
  onProgress(
    `PostgreSQL does not run as root, and "${account.name}" can't enter ${folder}: its data lies in ${fallback}`,
  )
  return location(fallback)
}

/** Creates the folder if need be and returns its path without symbolic links. */
export function ensureFolder(dataFolder: string): string {
  try {
    mkdirSync(dataFolder, { recursive: true })
    return realpathSync(dataFolder)
  } catch (error) {
    throw notUsable(dataFolder, error)
  }
}

function notUsable(folder: string, error: unknown): EmbeddedPostgresError {
  return new EmbeddedPostgresError(
    'data_folder_not_usable',
    `The folder ${folder} can't be created or entered: ${(error as Error).message}.`,
    'Set TENANTRY_DATA to a folder you may write to; as root, to one that every user may enter.',
  )
}

function notedFallback(note: string): string {
  const fallback = readFileSync(note, 'utf8').trim()
  if (existsSync(fallback)) return fallback
  throw new EmbeddedPostgresError(
    'cluster_missing',
    `The database lay in ${fallback}, as ${note} says, and is gone from there.`,
    `Bring ${fallback} back, or delete ${dirname(note)} to start with an empty database.`,
  )
}

function createFallback(folder: string): string {
  try {
    mkdirSync(fallbackRoot, { recursive: true })
    chmodSync(fallbackRoot, 0o755)
    dropAbandonedFallbacks(folder)
    const fallback = mkdtempSync(join(fallbackRoot, fallbackPrefix))
    chmodSync(fallback, 0o755)
    writeFileSync(join(fallback, ownerNote), `${folder}\n`)
    return fallback
  } catch (error) {
    throw notUsable(fallbackRoot, error)
  }
}

/**
 * Of data folders that are certainly gone: this one before it was deleted and made anew, and temporary ones. Others may
 * lie on a disk that is not there right now.
 */
function dropAbandonedFallbacks(folder: string): void {
  const temporary = `${realpathSync(tmpdir())}/`
  for (const name of readdirSync(fallbackRoot).filter((entry) => entry.startsWith(fallbackPrefix))) {
    const note = join(fallbackRoot, name, ownerNote)
    const owner = existsSync(note) ? readFileSync(note, 'utf8').trim() : undefined
    const gone = owner === folder || (owner?.startsWith(temporary) && !existsSync(owner))
    if (gone) rmSync(dirname(note), { recursive: true, force: true })
  }
}
