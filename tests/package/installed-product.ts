import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

export const repositoryFolder = join(import.meta.dirname, '../..')
const saidWithinMs = 60_000
const lookEveryMs = 50

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * Atlas in a folder outside the repository, on the packed platform. Product and platform find what each of them declares
 * and nothing else: stricter than npm, which lets everybody import what anybody has brought.
 */
export class InstalledProduct {
  /** The product's folder. */
  readonly folder: string
  /** The platform's, in the product's node_modules. */
  readonly packageFolder: string
  readonly tarball: string
  readonly #outside: string

  constructor() {
    this.#outside = mkdtempSync(join(tmpdir(), 'tenantry-installed-'))
    // As root, PostgreSQL runs under another account, which must be able to enter.
    chmodSync(this.#outside, 0o755)
    const makePackage = ['tools/run.mjs', 'package', this.#outside]
    this.tarball = execFileSync(process.execPath, makePackage, {
      cwd: repositoryFolder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    this.folder = join(this.#outside, 'atlas')
    cpSync(join(repositoryFolder, 'product'), this.folder, { recursive: true, filter: (path) => !isGenerated(path) })
    this.packageFolder = join(this.folder, 'node_modules/tenantry')
    mkdirSync(this.packageFolder, { recursive: true })
    execFileSync('tar', ['-xzf', this.tarball, '--strip-components=1', '-C', this.packageFolder])
    this.#link(this.folder)
    this.#link(this.packageFolder)
    mkdirSync(join(this.folder, 'node_modules/.bin'))
    symlinkSync('../tenantry/bin/tenantry.js', join(this.folder, 'node_modules/.bin/tenantry'))
  }

  #link(folder: string): void {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    for (const name of Object.keys(manifest.dependencies ?? {})) if (name !== 'tenantry') linkInto(folder, name)
    for (const name of Object.keys(manifest.optionalDependencies ?? {})) {
      if (existsSync(join(repositoryFolder, 'node_modules', name))) linkInto(folder, name)
    }
  }

  /** Runs `tenantry` as npx does; without settings of this process's own. */
  tenantry(words: readonly string[], settings: Record<string, string> = {}): Program {
    const inherited = Object.entries(process.env).filter(
      ([name]) => !/^(TENANTRY_|HOST$|PORT$|NODE_(?!COMPILE_CACHE)|npm_|FORCE_COLOR)/.test(name),
    )
    const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
    const child = spawn(join(this.folder, 'node_modules/.bin/tenantry'), words, {
      cwd: this.folder,
      env: { ...Object.fromEntries(inherited), PATH: path, NO_COLOR: '1', ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new Program(child)
  }

  remove(): void {
    rmSync(this.#outside, { recursive: true, force: true })
  }
}

function isGenerated(path: string): boolean {
  return /\/(node_modules|dist|\.tenantry)(\/|$)/.test(path.slice(repositoryFolder.length))
}

/** What npm would put there, as a link into the repository's own installation. */
export function linkInto(folder: string, name: string): void {
  const link = join(folder, 'node_modules', name)
  mkdirSync(dirname(link), { recursive: true })
  symlinkSync(join(repositoryFolder, 'node_modules', name), link)
}

/** A running program, and what it has printed so far. */
export class Program {
  output = ''
  readonly #child: ChildProcess
  readonly #ended: Promise<number | null>

  constructor(child: ChildProcess) {
    this.#child = child
    this.#ended = once(child, 'close').then(([code]) => code as number | null)
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.output += chunk
      })
    }
  }

  /** Waits until it has printed something like this after the first `from` characters. Returns what matched. */
  async said(pattern: RegExp, from = 0): Promise<string> {
    for (const until = Date.now() + saidWithinMs; Date.now() < until; await wait(lookEveryMs)) {
      const found = pattern.exec(this.output.slice(from))
      if (found) return found[1] ?? found[0]
      if (this.#child.exitCode !== null) break
    }
    throw new Error(`it has not said ${pattern}:\n${this.output}`)
  }

  /** Sends a signal, if any, and waits for the end. Returns the exit code. */
  async end(signal?: NodeJS.Signals): Promise<number | null> {
    if (signal) this.#child.kill(signal)
    return this.#ended
  }
}
