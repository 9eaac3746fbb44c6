import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const repositoryFolder = join(import.meta.dirname, '../..')
const migrations = ':(glob)**/migrations/*.up.sql'

/**
 * The last commit before the newest change of any migration, or HEAD while one is being written; undefined where this
 * folder has no history that goes back so far, as a shallow clone.
 */
export function commitBeforeNewestMigration(): string | undefined {
  const changed = git('status', '--porcelain', '--untracked-files=all', '--', migrations)
  if (changed === undefined) return undefined
  if (changed !== '') return git('rev-parse', 'HEAD')
  const newest = git('log', '-1', '--format=%H', '--', migrations)
  return newest === undefined ? undefined : git('rev-parse', '--verify', '--quiet', `${newest}^`)
}

function git(...words: string[]): string | undefined {
  const { status, stdout } = spawnSync('git', words, { cwd: repositoryFolder, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** The files of an earlier commit in a folder of their own, with what is installed here. */
export class PreviousRelease {
  readonly #folder: string

  constructor(commit: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'tenantry-previous-'))
    const files = execFileSync('git', ['archive', commit], { cwd: repositoryFolder, maxBuffer: 200_000_000 })
    execFileSync('tar', ['-x', '-C', this.#folder], { input: files })
    this.#linkInstalled()
  }

  /** Workspaces are links to folders beside node_modules; the same links lead to the earlier ones here. */
  #linkInstalled(): void {
    const installed = join(repositoryFolder, 'node_modules')
    const linked = join(this.#folder, 'node_modules')
    mkdirSync(linked)
    for (const name of readdirSync(installed)) {
      const path = join(installed, name)
      const target = lstatSync(path).isSymbolicLink() ? readlinkSync(path) : path
      symlinkSync(isAbsolute(target) ? path : target, join(linked, name))
    }
  }

  /** Makes the databases that its tests are given copies of. */
  async makeTemplates(superuserUrl: string): Promise<void> {
    const script = `const { makeTemplates } = await import('./tests/database.ts'); await makeTemplates('${superuserUrl}')`
    const { code, output } = await this.#run(['--input-type=module', '--eval', script], superuserUrl)
    if (code !== 0) throw new Error(`the release before could not make its databases:\n${output}`)
  }

  /** Runs tests of its own. Returns whether all passed, and what was printed. */
  async test(pattern: string, superuserUrl: string): Promise<{ passed: boolean; output: string }> {
    // What fails while it starts may leave connections open, which would keep its process from ending.
    const options = ['--test', '--test-concurrency=2', '--test-force-exit', '--test-reporter=tap']
    const { code, output } = await this.#run([...options, pattern], superuserUrl)
    return { passed: code === 0, output }
  }

  async #run(options: readonly string[], superuserUrl: string): Promise<{ code: number | null; output: string }> {
    const inherited = Object.entries(process.env).filter(([name]) => !/^(TENANTRY_|NODE_)/.test(name))
    const child = spawn(process.execPath, ['--conditions=source', ...options], {
      cwd: this.#folder,
      env: { ...Object.fromEntries(inherited), TENANTRY_TEST_SUPERUSER_URL: superuserUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const [code] = (await once(child, 'close')) as [number | null]
    return { code, output }
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
