import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readConfiguration } from '#kernel/config/configuration'
import { runChild } from '../../bin/run-child.js'
import { buildWeb, type WebFolders, webIsStale } from '../web/build.ts'
import { findProduct, loadProduct } from './product-file.ts'
import { SourceChanges } from './source-changes.ts'
import { Steps } from './steps.ts'

const program = fileURLToPath(new URL('../../bin/tenantry.js', import.meta.url))
/** In the repository the platform's own sources are being worked on, too. */
const platformSources = import.meta.filename.endsWith('.ts') ? [join(import.meta.dirname, '..')] : []
/** What the server never reads. */
const ofWebOnly = /\.(tsx|css|html|svg|woff2)$/
const namedMax = 3

/** `tenantry dev`: `start`, and after each change of a source a new workspace or a new server, whichever reads it. */
export async function dev(): Promise<void> {
  const configuration = readConfiguration(process.env)
  if (configuration.environment === 'production') throw new Error('TENANTRY_ENV is production: use tenantry start')
  const steps = new Steps()
  const place = findProduct(process.cwd())
  const { name: productName } = await loadProduct(place)
  const dataFolder = resolve(place.projectFolder, configuration.dataFolder)
  const web = { productName, productFolder: place.folder, outputFolder: join(dataFolder, 'web') }
  const changes = new SourceChanges([place.folder, ...platformSources], dataFolder)
  const server = new Server()
  server.start([])
  let outdated = false
  for (;;) {
    const changed = await changes.next()
    steps.note(`changed: ${named(changed, place.projectFolder)}`)
    outdated ||= !server.runs || changed.some((file) => !ofWebOnly.test(file))
    if (!(await upToDate(web, steps)) || !outdated) continue
    outdated = false
    await server.stop()
    server.start(['--brief'])
  }
}

/** Builds the workspace anew where a source of it has changed. False, with the reason printed, where that fails. */
async function upToDate(web: WebFolders, steps: Steps): Promise<boolean> {
  try {
    if (await webIsStale(web)) {
      await steps.step(
        'Web',
        () => buildWeb(web),
        () => 'reload the page',
      )
    } else {
      steps.note('the workspace is current')
    }
    return true
  } catch (error) {
    steps.line(error instanceof Error ? error.message : String(error))
    return false
  }
}

function named(files: readonly string[], folder: string): string {
  const names = files.slice(0, namedMax).map((file) => relative(folder, file))
  return files.length > namedMax ? `${names.join(', ')} and ${files.length - namedMax} more` : names.join(', ')
}

/** `tenantry start` in a process of its own. This process ends with it when somebody asks for the end. */
class Server {
  #stopping = new AbortController()
  #ended: Promise<void> = Promise.resolve()
  runs = false
  #endAsked = false

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // While the server runs, runChild passes the signal on, and the end of the server is ours.
      process.on(signal, () => {
        this.#endAsked = true
        if (!this.runs) process.exit(0)
      })
    }
  }

  start(options: readonly string[]): void {
    if (this.#endAsked) process.exit(0)
    this.#stopping = new AbortController()
    this.runs = true
    this.#ended = this.#run(options, this.#stopping.signal)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#ended
  }

  async #run(options: readonly string[], stop: AbortSignal): Promise<void> {
    const { code } = await runChild(process.execPath, [...process.execArgv, program, 'start', ...options], { stop })
    this.runs = false
    if (this.#endAsked) process.exit(code ?? 1)
    if (!stop.aborted) console.error('The server has ended. After the next change it starts again.')
  }
}
