import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { release } from '../../platform/src/command-line/release.ts'
import { demoPassword } from '../../platform/src/demo-people.ts'
import { buildWeb } from '../../platform/src/web/build.ts'
import { InstalledProduct, linkInto, repositoryFolder } from './installed-product.ts'

/** Measured: 611 KB packed, fonts 69 KB of it. */
const packedMaxBytes = 900_000
/** Measured: 3.14 MB. */
const unpackedMaxBytes = 3_500_000
/** Paths of files are in some chunks, which weigh more in a small one. */
const sizeDifferenceMaxShare = 0.01
const sizeDifferenceMaxBytes = 20

let atlas: InstalledProduct
before(() => {
  atlas = new InstalledProduct()
})
after(() => atlas.remove())

function node(...options: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, options, { cwd: atlas.folder, encoding: 'utf8' })
  return { status, output: stdout + stderr }
}

test('the package holds the compiled server, the sources of the web, and nothing of the tests', () => {
  const files = globSync('**', { cwd: atlas.packageFolder, withFileTypes: true, exclude: ['node_modules'] })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(atlas.packageFolder.length + 1))
  const wanted =
    /^(package\.json|README\.md|LICENSE|bin\/[\w-]+\.(js|d\.ts)|dist\/.+\.(js|d\.ts|sql)|src\/demo-people\.ts|src\/(ui|web)\/.+|src\/modules\/\w+\/([\w-]*pages\.tsx|pages\/.+|words\.\w+\.ts))$/
  assert.deepEqual(
    files.filter((file) => !wanted.test(file) || /test|fixture/.test(file)),
    [],
  )
  for (const file of ['LICENSE', 'README.md', 'src/ui/fonts/newsreader.OFL.txt']) assert.ok(files.includes(file), file)
  const statements = globSync('**/*.sql', { cwd: join(repositoryFolder, 'platform/src') })
  assert.ok(statements.length > 10)
  assert.deepEqual(
    files.filter((file) => file.endsWith('.sql')).toSorted(),
    statements.map((file) => `dist/${file}`).toSorted(),
  )

  assert.ok(statSync(atlas.tarball).size <= packedMaxBytes, `${statSync(atlas.tarball).size} bytes packed`)
  const sizes = files.map((file) => statSync(join(atlas.packageFolder, file)).size)
  const unpacked = sizes.reduce((sum, size) => sum + size)
  assert.ok(unpacked <= unpackedMaxBytes, `${unpacked} bytes unpacked`)
})

test('its doors lead to compiled JavaScript, whatever conditions Node runs with', () => {
  const resolved = (...options: string[]) =>
    node(
      ...options,
      '--eval',
      "console.log(['kernel', 'modules/tenants', 'client/client.ts'].map((door) => import.meta.resolve(`tenantry/${door}`)).join(' '))",
    )
  for (const { output } of [resolved(), resolved('--conditions=source')]) {
    const places = output
      .trim()
      .split(' ')
      .map((url) => url.replace(/^.*node_modules\/tenantry\//, ''))
    assert.deepEqual(places, ['dist/kernel/public.js', 'dist/modules/tenants/public.js', 'dist/client/client.js'])
  }
})

test('every file of the server loads with what the package declares, and would not with anything else', () => {
  const load = join(atlas.packageFolder, 'load.mjs')
  writeFileSync(
    load,
    `import { globSync } from 'node:fs'
     const files = globSync('dist/**/*.js', { cwd: import.meta.dirname }).filter((file) => file !== 'dist/main.js')
     for (const file of files) await import(import.meta.resolve('./' + file))
     console.log(files.length)
     process.exit(0)`,
  )
  const { status, output } = node(load)
  assert.equal(status, 0, output)
  assert.ok(Number(output) > 100, output)

  // The repository has it installed for its tests; the package does not declare it.
  writeFileSync(load, "await import('oidc-provider')")
  assert.match(node(load).output, /ERR_MODULE_NOT_FOUND/)
})

test("the product's types hold against the package's declarations alone", () => {
  const { compilerOptions } = JSON.parse(readFileSync(join(repositoryFolder, 'tsconfig.json'), 'utf8')) as {
    compilerOptions: object
  }
  const options = { ...compilerOptions, customConditions: undefined, skipLibCheck: false }
  writeFileSync(
    join(atlas.folder, 'tsconfig.json'),
    JSON.stringify({ compilerOptions: options, include: ['app.ts', 'modules', 'client'] }),
  )
  for (const name of ['@types/node', '@types/react']) linkInto(atlas.folder, name)
  const { status, output } = node(join(repositoryFolder, 'node_modules/typescript7/bin/tsc'), '-p', '.', '--listFiles')
  assert.equal(status, 0, output)
  assert.match(output, /tenantry\/dist\/ui\/button\.d\.ts/)
  assert.doesNotMatch(output, /tenantry\/src\//)
})

test('on an older Node it runs again on the one that the project has, or says how to get one', () => {
  const older = "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })"
  const onOlderNode = () =>
    node(`--import=data:text/javascript,${older}`, join(atlas.packageFolder, 'bin/tenantry.js'), '--version')
  const refused = onOlderNode()
  assert.equal(refused.status, 1)
  assert.match(refused.output, /this is Node 20\.20\.2[^]*npm install --save-dev node-/)

  const executable = join(atlas.folder, `.runtime/node-v${process.versions.node}/bin/node`)
  mkdirSync(dirname(executable), { recursive: true })
  symlinkSync(process.execPath, executable)
  assert.deepEqual(onOlderNode(), { status: 0, output: `${release()}\n` })
})

test('the product starts on it and serves API and workspace', async () => {
  const version = atlas.tenantry(['--version'])
  assert.equal(await version.end(), 0)
  assert.equal(version.output, `${release()}\n`)

  const started = atlas.tenantry(['start'], { PORT: '0' })
  try {
    const url = await started.said(/Workspace\s+(http:\S+)[^]*Ctrl-C stops it/)
    const send = (path: string, body: object, headers: Record<string, string> = {}) =>
      fetch(url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', ...headers },
      })
    const session = await send('/api/v1/sessions', { email: 'owner@acme.test', password: demoPassword })
    assert.equal(session.status, 201)
    const cookie = session.headers.get('set-cookie')?.split(';', 1)[0] ?? ''
    const project = await send('/api/v1/projects', { name: 'Packed' }, { cookie, tenant: 'acme' })
    assert.equal(project.status, 201)

    const page = await fetch(url)
    assert.equal(page.status, 200)
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
    const assets = (await page.text()).match(/\/assets\/[^"]+/g) ?? []
    assert.ok(assets.length >= 3)
    for (const asset of assets) assert.equal((await fetch(url + asset)).status, 200, asset)
  } finally {
    assert.equal(await started.end('SIGTERM'), 0, started.output)
  }
})

test('its workspace is the one that the repository builds', async () => {
  const outputFolder = join(atlas.folder, '.tenantry/web-of-repository')
  await buildWeb({ productName: 'Atlas', productFolder: join(repositoryFolder, 'product'), outputFolder })
  const here = assetsIn(outputFolder)
  const there = assetsIn(join(atlas.folder, '.tenantry/web'))
  assert.deepEqual([...there.keys()], [...here.keys()])
  for (const [name, bytes] of here) {
    const difference = Math.abs((there.get(name) ?? 0) - bytes)
    assert.ok(
      difference <= Math.max(bytes * sizeDifferenceMaxShare, sizeDifferenceMaxBytes),
      `${name}: ${there.get(name)} bytes, ${bytes} in the repository`,
    )
  }
})

/** Sizes by name, without the digest in the name. */
function assetsIn(webFolder: string): Map<string, number> {
  const folder = join(webFolder, 'assets')
  const files = readdirSync(folder).filter((file) => !/\.(br|gz)$/.test(file))
  // Two pages may have the same name.
  const byName = Map.groupBy(files, (file) => file.replace(/-[\w-]{8}\./, '.'))
  const bytesOf = (named: readonly string[]) => named.reduce((sum, file) => sum + statSync(join(folder, file)).size, 0)
  return new Map(
    [...byName]
      .map(([name, named]): [string, number] => [name, bytesOf(named)])
      .toSorted(([left], [right]) => left.localeCompare(right)),
  )
}
