import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { EmbeddedPostgresError } from './embedded-postgres-error.ts'

const sqliteBusy = 5

/** A launcher that was killed a moment ago may still be going down when the next one starts. */
const waitForHolderMs = 2_000
const retryEveryMs = 50

/**
 * Lets one launcher at a time have the folder, and returns what gives it back. The lock is that of a SQLite file, which
 * is the kernel's: it ends with the process, however that ends, and leaves nothing to clean up. Node has no other way
 * to lock a file.
 */
export async function lockFolder(folder: string): Promise<() => void> {
  const holderFile = join(folder, 'launcher.pid')
  const giveUpAt = performance.now() + waitForHolderMs
  for (;;) {
    const release = tryToLock(folder)
    if (release) {
      writeFileSync(holderFile, `${process.pid}\n`)
      return release
    }
    if (performance.now() > giveUpAt) {
      const holder = existsSync(holderFile) ? readFileSync(holderFile, 'utf8').trim() : 'unknown'
      throw new EmbeddedPostgresError(
        'data_folder_in_use',
        `The embedded PostgreSQL in ${folder} is in use by process ${holder}.`,
        'Stop that process, or set TENANTRY_DATA to another folder.',
      )
    }
    await sleep(retryEveryMs)
  }
}

function tryToLock(folder: string): (() => void) | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(join(folder, 'launcher.lock'))
    database.exec('BEGIN EXCLUSIVE')
    const held = database
    return () => held.close()
  } catch (error) {
    database?.close()
    if ((error as { errcode?: number }).errcode === sqliteBusy) return undefined
    throw new EmbeddedPostgresError(
      'data_folder_not_usable',
      `The data folder ${folder} can't be locked: ${(error as Error).message}.`,
      'Start as the user who created it, or set TENANTRY_DATA to a folder you may write to.',
    )
  }
}
