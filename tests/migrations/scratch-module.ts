import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Migration, readMigrations } from '../../platform/src/kernel/database/migration-files.ts'
import { type Module, module } from '../../platform/src/kernel/module.ts'

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

  /** Writes a batched migration. */
  async writeBatch(name: string, statement: string): Promise<void> {
    await writeFile(join(this.folder, 'migrations', `${name}.batch.sql`), `-- target: tenant\n${statement};\n`)
  }

  /** As the product's own modules are. */
  get module(): Module {
    return module({ name: 'scratch', folder: this.folder })
  }

  migrations(): Promise<Migration[]> {
    return readMigrations([{ module: 'scratch', folder: this.folder }])
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true })
  }
}
