import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { demoPassword, staff } from '../../platform/src/demo-people.ts'

const cacheFolder = join(import.meta.dirname, '..', '..', '.runtime', 'browser')
/** `--no-sandbox` because tests run as root, too; the others keep Chromium from asking the network for things. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--font-render-hinting=none',
]
const actionTimeoutMs = 10_000

export const wide = { width: 1440, height: 900 }
export const narrow = { width: 390, height: 844 }

/** The Chromium that comes with the dependencies, or the one that TENANTRY_TEST_CHROMIUM names. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = process.env['TENANTRY_TEST_CHROMIUM'] ?? (await unpackedChromium())
  return chromium.launch({ executablePath, args: flags, env: { ...process.env, ...librariesFor(executablePath) } })
}

async function unpackedChromium(): Promise<string> {
  mkdirSync(cacheFolder, { recursive: true })
  // The package unpacks itself into the temporary folder, where any user's file of that name would be taken for it.
  process.env['TMPDIR'] = cacheFolder
  const { default: packed } = await import('@sparticuz/chromium')
  return packed.executablePath()
}

/** Small systems lack the NSS libraries: the package brings them. */
function librariesFor(executablePath: string): Record<string, string> {
  if (!execFileSync('ldd', [executablePath]).includes('not found')) return {}
  const folder = join(cacheFolder, 'libraries')
  if (!existsSync(folder)) {
    mkdirSync(folder)
    const archive = join(fileURLToPath(import.meta.resolve('@sparticuz/chromium')), '../../../bin/al2023.tar.br')
    execFileSync('tar', ['-x', '-C', folder], { input: brotliDecompressSync(readFileSync(archive)) })
  }
  return { LD_LIBRARY_PATH: join(folder, 'lib') }
}

export interface Visit {
  /** Who is signed in; absent: nobody. */
  readonly as?: string
  /** Signed in to the staff console, too. Default: staff are. */
  readonly console?: boolean
  readonly viewport?: { width: number; height: number }
  readonly theme?: 'light' | 'dark'
  readonly locale?: string
}

/** A browser of its own for one person, with what went wrong in it. */
export async function visit(
  browser: Browser,
  baseURL: string,
  { as, console = as === staff.email, viewport = wide, theme = 'light', locale = 'en-GB' }: Visit = {},
): Promise<{ context: BrowserContext; page: Page; wrong: string[] }> {
  const context = await browser.newContext({ baseURL, viewport, colorScheme: theme, locale })
  context.setDefaultTimeout(actionTimeoutMs)
  const signIn = { data: { email: as, password: demoPassword } }
  if (as !== undefined) await context.request.post('/api/v1/sessions', signIn)
  if (console) await context.request.post('/api/v1/sessions', { ...signIn, headers: { 'tenantry-console': '1' } })
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()))
  page.on('request', (request) => request.url().startsWith(baseURL) || wrong.push(`third party: ${request.url()}`))
  return { context, page, wrong }
}
