import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'
import { filesIn, sourceFolders } from '../source-files.ts'

export interface WebFolders {
  /** What the product calls itself, in titles. */
  readonly productName: string
  /** Where the product's `modules/` are: their `pages.tsx` become part of the workspace. */
  readonly productFolder: string
  readonly outputFolder: string
}

/** The web is built from its sources everywhere: the package holds them beside the compiled server. */
const platformSources = join(import.meta.dirname, '../../src')
/** In the repository the package's doors lead to sources; in the package there is nothing else for the web. */
const doorConditions = import.meta.filename.endsWith('.ts') ? ['source'] : []
/** The product's pages and ours must share these, also where two versions are installed: they keep state of their own. */
const sharedLibraries = ['react', 'react-dom', '@tanstack/react-query', '@tanstack/react-router']
const stampFile = 'sources.sha256'
/** 11 would take ten times as long for 3 % less. */
const brotliQuality = 9

/** The two fonts of every page begin to load with it, not when the style sheet has been read: no text is set twice. */
const preloadFonts: Plugin = {
  name: 'preload-fonts',
  transformIndexHtml: (_, { bundle = {} }) =>
    Object.keys(bundle)
      .filter((file) => /(hanken-grotesk|newsreader).*\.woff2$/.test(file))
      .map((file) => ({
        tag: 'link',
        attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: true, href: `/${file}` },
        injectTo: 'head' as const,
      })),
}

/** The applications, by their page: the workspace with what leads to it, and the staff console. */
const webPages = ['index.html', 'console.html']

/** Builds the web of a product: the platform's shells and pages, and those of the product's modules. */
export async function buildWeb(folders: WebFolders): Promise<void> {
  const { outputFolder } = folders
  const stamp = await sourcesDigest(folders)
  const newFolder = `${outputFolder}-new`
  rmSync(newFolder, { recursive: true, force: true })
  // Each by itself, so that whoever opens the workspace loads nothing of the staff console.
  for (const page of webPages) await buildPage(page, folders, newFolder)
  await compress(join(newFolder, 'assets'))
  writeFileSync(join(newFolder, stampFile), stamp)
  // In one moment, because the folder may be being served; a build that fails leaves the last one as it was.
  rmSync(outputFolder, { recursive: true, force: true })
  renameSync(newFolder, outputFolder)
}

async function buildPage(page: string, { productName, productFolder }: WebFolders, newFolder: string): Promise<void> {
  // Vite takes 300 ms to load and is needed only here.
  const [vite, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')])
  await vite.build({
    configFile: false,
    root: join(platformSources, 'web'),
    logLevel: 'warn',
    plugins: [react(), preloadFonts],
    define: { 'import.meta.env.PRODUCT_NAME': JSON.stringify(productName) },
    resolve: {
      alias: { '@product': productFolder },
      conditions: [...vite.defaultClientConditions, ...doorConditions],
      dedupe: sharedLibraries,
    },
    build: {
      outDir: newFolder,
      emptyOutDir: false,
      target: 'es2024',
      // The first with light-dark(), which the tokens are written in.
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      rolldownOptions: {
        input: join(platformSources, 'web', page),
        // One file for what every page needs, and one for what several of those need that are loaded when they are opened: a
        // shared module would otherwise become a file of its own, and the first view ask for 27 in place of 12. Words stay
        // apart, for one language is loaded.
        output: {
          codeSplitting: {
            groups: [
              { name: 'app', tags: ['$initial'], priority: 2 },
              { name: 'shared', test: /^(?!.*words\.\w+\.ts$)/, minShareCount: 2, priority: 1 },
            ],
          },
        },
      },
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  })
}

/** Beside each text file its compressed one, so that no request waits for a compressor. */
async function compress(folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    if (!/\.(js|css|svg)$/.test(file)) continue
    const content = await readFile(join(folder, file))
    const params = { [constants.BROTLI_PARAM_QUALITY]: brotliQuality }
    writeFileSync(join(folder, `${file}.br`), brotliCompressSync(content, { params }))
    writeFileSync(join(folder, `${file}.gz`), gzipSync(content, { level: 9 }))
  }
}

/** Whether the sources have changed since the last build. */
export async function webIsStale(folders: WebFolders): Promise<boolean> {
  const stamp = join(folders.outputFolder, stampFile)
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== (await sourcesDigest(folders))
}

async function sourcesDigest({ productFolder, outputFolder }: WebFolders): Promise<string> {
  const hash = createHash('sha256')
  for (const root of [platformSources, productFolder]) {
    const files = sourceFolders(root, outputFolder).flatMap(filesIn)
    for (const file of files.filter((name) => /\.(tsx?|css|html|js)$/.test(name)).toSorted())
      hash
        .update(relative(root, file))
        .update('\0')
        .update(await readFile(file))
  }
  return hash.digest('hex')
}
