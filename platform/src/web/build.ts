import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

export interface WebFolders {
  /** What the product calls itself, in titles. */
  readonly productName: string
  /** Where the product's `modules/` are: their `pages.tsx` become part of the workspace. */
  readonly productFolder: string
  readonly outputFolder: string
}

const platformSources = join(import.meta.dirname, '..')
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

/** Builds the workspace of a product: the platform's shell and pages, and those of the product's modules. */
export async function buildWeb({ productName, productFolder, outputFolder }: WebFolders): Promise<void> {
  // Vite takes 300 ms to load and is needed only here.
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')])
  const stamp = await sourcesDigest(productFolder)
  await build({
    configFile: false,
    root: import.meta.dirname,
    logLevel: 'warn',
    plugins: [react(), preloadFonts],
    define: { 'import.meta.env.PRODUCT_NAME': JSON.stringify(productName) },
    resolve: { alias: { '@product': productFolder }, conditions: ['source'] },
    build: {
      outDir: outputFolder,
      emptyOutDir: true,
      target: 'es2024',
      // One file for what every page needs, where a shared module would otherwise become a file of its own.
      rolldownOptions: { output: { codeSplitting: { groups: [{ name: 'app', tags: ['$initial'] }] } } },
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  })
  await compress(join(outputFolder, 'assets'))
  writeFileSync(join(outputFolder, stampFile), stamp)
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
export async function webIsStale({ productFolder, outputFolder }: WebFolders): Promise<boolean> {
  const stamp = join(outputFolder, stampFile)
  return !existsSync(stamp) || readFileSync(stamp, 'utf8') !== (await sourcesDigest(productFolder))
}

async function sourcesDigest(productFolder: string): Promise<string> {
  const hash = createHash('sha256')
  for (const root of [platformSources, productFolder]) {
    const entries = await readdir(root, { recursive: true, withFileTypes: true })
    const files = entries
      .filter(
        (entry) =>
          entry.isFile() &&
          /\.(tsx?|css|html|js)$/.test(entry.name) &&
          !/node_modules|\/dist(\/|$)/.test(entry.parentPath),
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
    for (const file of files)
      hash
        .update(relative(root, file))
        .update('\0')
        .update(await readFile(file))
  }
  return hash.digest('hex')
}
