import { type FSWatcher, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { filesIn, sourceFolders } from '../source-files.ts'

/** Editors save in several steps and a change of branch writes many files: a change is complete after this long. */
const quietMs = 100

const source = /\.(tsx?|js|json|sql|css|html|svg|woff2)$/

/** Tells which sources below some folders have changed. */
export class SourceChanges {
  readonly #roots: readonly string[]
  readonly #except: string
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #changed = new Set<string>()
  #wake = () => {}

  /** Watches from now on. `except` is a folder of generated files. */
  constructor(roots: readonly string[], except: string) {
    this.#roots = roots
    this.#except = except
    this.#watchFolders()
  }

  /** Waits for the next change, and until it is complete. Returns the paths of the files. */
  async next(): Promise<string[]> {
    if (this.#changed.size === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    let known: number
    do {
      known = this.#changed.size
      await wait(quietMs)
    } while (this.#changed.size > known)
    const changed = [...this.#changed]
    this.#changed.clear()
    return changed
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close()
  }

  /** Watches every folder that is there and returns those that were not watched yet. */
  #watchFolders(): string[] {
    const folders = this.#roots.flatMap((root) => sourceFolders(root, this.#except))
    const present = new Map(folders.map((folder) => [identityOf(folder), folder]))
    for (const [identity, watcher] of this.#watchers) {
      if (present.has(identity)) continue
      watcher.close()
      this.#watchers.delete(identity)
    }
    const added = [...present].filter(([identity]) => !this.#watchers.has(identity))
    for (const [identity, folder] of added) {
      const watcher = watch(folder, (_, name) => name !== null && this.#notice(join(folder, name)))
      watcher.on('error', () => watcher.close())
      this.#watchers.set(identity, watcher)
    }
    return added.map(([, folder]) => folder)
  }

  #notice(path: string): void {
    if (source.test(path)) this.#changed.add(path)
    else for (const file of this.#foundInNewFolders()) this.#changed.add(file)
    if (this.#changed.size > 0) this.#wake()
  }

  /** A folder may have come or gone. What is in a new one by now nobody else reports. */
  #foundInNewFolders(): string[] {
    try {
      const files = this.#watchFolders().flatMap(filesIn)
      return files.filter((name) => source.test(name))
    } catch (error) {
      // A folder went while we looked. We are called again for that.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
      throw error
    }
  }
}

/** A folder removed and made again has the same path, often the same number, and needs a new watcher. */
function identityOf(folder: string): string {
  const { ino, birthtimeMs } = statSync(folder)
  return `${ino} ${birthtimeMs} ${folder}`
}
