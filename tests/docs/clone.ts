import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { chmod, cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { InstallationProcess, tenantry } from '../start/installation-process.ts'
import { repositoryFolder } from './markdown.ts'

/** What a newcomer has after `git clone` and `npm ci`, to be changed and started: a copy of the product, beside what is installed. */
export class Clone {
  readonly folder: string
  readonly #settings: Record<string, string>
  #running: InstallationProcess | undefined

  private constructor(folder: string) {
    this.folder = folder
    this.#settings = { TENANTRY_DATA: join(folder, '.tenantry') }
  }

  static async make(): Promise<Clone> {
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-clone-'))
    // As root, PostgreSQL runs under another account, which must be able to enter.
    await chmod(folder, 0o755)
    await cp(join(repositoryFolder, 'product'), join(folder, 'product'), { recursive: true })
    copyFileSync(join(repositoryFolder, 'package.json'), join(folder, 'package.json'))
    symlinkSync(join(repositoryFolder, 'node_modules'), join(folder, 'node_modules'))
    return new Clone(folder)
  }

  read(file: string): string {
    return readFileSync(join(this.folder, file), 'utf8')
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.folder, file)), { recursive: true })
    writeFileSync(join(this.folder, file), text)
  }

  /** Runs `npx tenantry` with these words and returns what it prints. Throws when it fails. */
  async command(words: readonly string[]): Promise<string> {
    const { code, output } = await tenantry(words, this.#settings, this.folder)
    if (code !== 0) throw new Error(`tenantry ${words.join(' ')} ended with ${code}:\n${output}`)
    return output
  }

  /** `npm start`, after Ctrl-C where one runs already. */
  async start(): Promise<void> {
    await this.#running?.end('SIGINT')
    this.#running = await InstallationProcess.start(this.#settings, this.folder)
  }

  get running(): InstallationProcess {
    if (!this.#running) throw new Error('nothing was started')
    return this.#running
  }

  async remove(): Promise<void> {
    await this.#running?.end('SIGINT')
    await rm(this.folder, { recursive: true, force: true })
  }
}
