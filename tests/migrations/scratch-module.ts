import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Migration, readMigrations } from '../../platform/src/kernel/database/migration-files.ts'

/** A module that consists of migrations alone, in files of a temporary folder that a test writes and changes. */
export class ScratchModule {
  readonly folder: string

  private constructor(folder: string) {
    this.folder = folder
  }

  static async make(): Promise<ScratchModule> {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-module-'))
    await mkdir(join(folder, 'migrations'))
    return new ScratchModule(folder)
  }

  /** Writes one pair of files of kind `tenant`; without `down` there is nothing to take back. */
  async write(name: string, up: string, down = 'select 1'): Promise<void> {
    const file = join(this.folder, 'migrations', name)
    await writeFile(`${file}.up.sql`, `-- target: tenant\n${up};\n`)
    await writeFile(`${file}.down.sql`, `-- target: tenant\n${down};\n`)
  }

  migrations(): Promise<Migration[]> {
    return readMigrations([{ module: 'scratch', folder: this.folder }])
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true })
  }
}
