import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const pieceBytes = 65_536

/** A file system of its own with little room, which an account of the operating system may write to. Needs the right to mount. */
export class SmallDisk {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static mount(megabytes: number, account: { uid: number; gid: number }): SmallDisk {
    const folder = mkdtempSync(join(tmpdir(), 'tenantry-small-disk-'))
    const options = `size=${megabytes}m,mode=700,uid=${account.uid},gid=${account.gid}`
    const { status, stderr } = run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder])
    if (status === 0) return new SmallDisk(folder)
    rmdirSync(folder)
    throw new Error(`no file system can be mounted: ${stderr.split('\n', 1)[0]}`)
  }

  /** Takes all the room that is left. */
  fill(): void {
    const file = openSync(this.#filling, 'a')
    try {
      for (let bytes = pieceBytes; bytes > 0; ) bytes = writeSync(file, Buffer.alloc(bytes))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    } finally {
      closeSync(file)
    }
  }

  /** Gives back what `fill` took. */
  free(): void {
    rmSync(this.#filling)
  }

  get #filling(): string {
    return join(this.folder, 'filling')
  }

  unmount(): void {
    const { status, stderr } = run('umount', [this.folder])
    if (status !== 0) throw new Error(`it cannot be unmounted: ${stderr}`)
    rmdirSync(this.folder)
  }
}

/** Why tests with a full disk cannot run here; false where they can. */
export function withoutSmallDisks(): string | false {
  try {
    SmallDisk.mount(1, { uid: 0, gid: 0 }).unmount()
    return false
  } catch (error) {
    return `${(error as Error).message}; run it as root, in a container with the right to mount`
  }
}

function run(command: string, words: readonly string[]): { status: number | null; stderr: string } {
  const { status, stderr, error } = spawnSync(command, words, { encoding: 'utf8' })
  return { status, stderr: error ? error.message : stderr }
}
