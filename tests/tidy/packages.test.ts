import type { Repository } from './repository.ts'
import { rule } from './rule.ts'

const manifests = /(^|^platform\/|^product\/)package\.json$/

rule('every dependency is pinned to one version', {
  check: (repository) =>
    repository.paths(manifests).flatMap((path) => {
      const manifest = JSON.parse(repository.text(path)) as Record<string, Record<string, string> | undefined>
      return ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies', 'overrides']
        .flatMap((kind) => Object.entries(manifest[kind] ?? {}))
        .filter(([, version]) => !/^(npm:[\w@/.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
        .map(([name, version]) => `${path} ${name} ${version}`)
    }),
  breaks: [
    { 'package.json': '{ "dependencies": { "fastify": "^5.12.8" } }' },
    { 'platform/package.json': '{ "devDependencies": { "knip": "latest" } }' },
  ],
  keeps: [{ 'package.json': '{ "dependencies": { "typescript7": "npm:typescript@7.0.2", "vite": "8.0.0-beta.1" } }' }],
})

rule('the lock file says what to install, and whoever installs says from where', {
  check: (repository) =>
    packagesLocked(repository)
      .filter(({ path }) => path.includes('node_modules/'))
      .flatMap(({ path, resolved, link, integrity }) => {
        if (link === true) return []
        if (resolved !== undefined) return [`${path} names a download address`]
        return integrity === undefined ? [`${path} has no checksum`] : []
      }),
  breaks: [
    lock({ 'node_modules/a': { resolved: 'https://packages.example.com/a.tgz', integrity: 'sha512-a' } }),
    lock({ 'node_modules/a': { version: '1.0.0' } }),
  ],
  keeps: [
    lock({ 'node_modules/tenantry': { resolved: 'platform', link: true }, 'node_modules/a': { integrity: 'x' } }),
  ],
})

const allowed = new Set(['MIT', 'MIT-0', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', '0BSD', 'PostgreSQL'])

/** Licences beyond the list, each for the packages that have it and no others. */
const exceptions: readonly { readonly licence: string; readonly packages: RegExp; readonly because: string }[] = [
  { licence: 'OFL-1.1', packages: /^@fontsource/, because: 'the licence of fonts, which we pass on with them' },
  {
    licence: 'BlueOak-1.0.0',
    packages: /^(glob|lru-cache|minimatch|minipass|path-scurry|@isaacs\/nonrecursive-glob-match)$/,
    because: 'as permissive as MIT, with a grant of patents',
  },
  {
    licence: 'MPL-2.0',
    packages: /^(axe-core|lightningcss)/,
    because: 'used unchanged in tests and in the build of the web: nothing of it is in what we hand out',
  },
  { licence: 'Unlicense', packages: /^isbot$/, because: 'given to the public domain' },
  { licence: 'Python-2.0', packages: /^argparse$/, because: 'permissive; the notice is in the package' },
  {
    licence: 'PSF-2.0',
    packages: /^argparse$/,
    because: 'its name for the same licence since version 3; in tests only',
  },
  { licence: '(MIT OR CC0-1.0)', packages: /^type-fest$/, because: 'we take MIT' },
  { licence: 'MIT OR Apache-2.0', packages: /^@biomejs\//, because: 'either will do' },
  { licence: '(Apache-2.0 OR MIT)', packages: /^(@squawk-cli\/|squawk-cli$)/, because: 'either will do' },
  { licence: '(MIT AND Zlib)', packages: /^pako$/, because: 'in tests only, and Zlib is as permissive as MIT' },
]

rule('every package that is installed has a licence that we can live with', {
  check: (repository) =>
    packagesLocked(repository)
      .filter(({ path, link }) => path.includes('node_modules/') && link !== true)
      .filter(({ path, license: licence = 'none' }) => {
        const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
        const exception = exceptions.some((each) => each.licence === licence && each.packages.test(name))
        return !allowed.has(licence) && !exception
      })
      .map(({ path, license: licence = 'no licence' }) => `${path} ${licence}`),
  breaks: [
    lock({ 'node_modules/a': { license: 'GPL-3.0-only' } }),
    lock({ 'node_modules/a': {} }),
    lock({ 'node_modules/fastify': { license: 'MPL-2.0' } }),
  ],
  keeps: [lock({ 'node_modules/a': { license: 'MIT' }, 'node_modules/axe-core': { license: 'MPL-2.0' } })],
})

interface Locked {
  readonly path: string
  readonly resolved?: string
  readonly integrity?: string
  readonly link?: boolean
  readonly license?: string
}

function packagesLocked(repository: Repository): Locked[] {
  const { packages } = JSON.parse(repository.text('package-lock.json')) as { packages: Record<string, object> }
  return Object.entries(packages).map(([path, facts]) => ({ ...facts, path }))
}

function lock(packages: Record<string, object>) {
  return { 'package-lock.json': JSON.stringify({ packages }) }
}
