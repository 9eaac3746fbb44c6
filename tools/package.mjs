import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChild } from '../platform/bin/run-child.js'
import { runNpm } from './npm.mjs'
import { SetupError } from './progress.mjs'

/**
 * Makes the npm package `tenantry`: the server compiled to JavaScript with declarations of types, and the web as sources,
 * from which each product's own is built. Works on a copy, so the repository holds nothing compiled that could be
 * mistaken for current. Returns the path of the tarball in `destination`.
 */
export async function makePackage(node, repositoryFolder, destination) {
  const platform = join(repositoryFolder, 'platform')
  const staging = mkdtempSync(join(tmpdir(), 'tenantry-package-'))
  try {
    const manifest = publishedManifest(JSON.parse(readFileSync(join(platform, 'package.json'), 'utf8')))
    writeFileSync(join(staging, 'package.json'), JSON.stringify(manifest, null, 2))
    for (const part of ['bin', 'src', 'README.md'])
      cpSync(join(platform, part), join(staging, part), { recursive: true })
    cpSync(join(repositoryFolder, 'LICENSE'), join(staging, 'LICENSE'))
    const dist = join(staging, 'dist')
    await Promise.all([
      compile(node, repositoryFolder, 'platform/tsconfig.package.json', dist),
      compile(node, repositoryFolder, 'platform/tsconfig.package-web.json', dist),
    ])
    // What the compiler leaves behind: the statements of migrations, and types that are generated as a declaration.
    const isLeft = (path) => statSync(path).isDirectory() || /\.sql$|schema\.d\.ts$/.test(path)
    cpSync(join(platform, 'src'), dist, { recursive: true, filter: isLeft })
    await runNpm(node, ['pack', staging, '--pack-destination', destination], staging)
    return join(destination, `${manifest.name}-${manifest.version}.tgz`)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/** `private` keeps the folder in the repository, which has no compiled code, from being published in place of this. */
function publishedManifest(manifest) {
  const { imports, exports } = manifest
  return { ...manifest, private: undefined, imports: doorsToCode(imports), exports: doorsToCode(exports) }
}

/** A customer may run Node with `--conditions=source` for packages of their own; ours has no sources of the server. */
function doorsToCode(doors) {
  const published = Object.entries(doors).map(([door, place]) => {
    if (typeof place === 'string') return [door, place]
    return [door, { ...place, source: undefined }]
  })
  return Object.fromEntries(published)
}

async function compile(node, repositoryFolder, project, outFolder) {
  const compiler = join(repositoryFolder, 'node_modules', 'typescript7', 'bin', 'tsc')
  const ended = await runChild(node, [compiler, '-p', join(repositoryFolder, project), '--outDir', outFolder], {
    cwd: repositoryFolder,
    captureOutput: true,
  })
  if (ended.code !== 0) throw new SetupError(`"${project}" does not compile:\n${ended.output.trim()}`)
}
