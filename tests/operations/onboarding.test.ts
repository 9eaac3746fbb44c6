import assert from 'node:assert/strict'
import { glob, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Asking, TestInstallation } from '../installation.ts'
import { setUpSecondFactor } from './second-factor.ts'

/** What there is to begin with: computed from what is there, for each by what they can see to. */

let atlas: TestInstallation
before(async () => {
  atlas = await TestInstallation.start()
})
after(() => atlas.stop())

const read = (asking: Asking) =>
  atlas.ask<{ dismissed: boolean; steps: { key: string; done: boolean }[] }>('GET', '/api/v1/onboarding', asking)
const stepsOf = async (asking: Asking) =>
  Object.fromEntries((await read(asking)).steps.map(({ key, done }) => [key, done]))

test('a step is done once what it asks for is there, whoever has seen to it', async () => {
  const as = 'owner@acme.test'
  const { slug: tenant } = await atlas.ask<{ slug: string }>('POST', '/api/v1/tenants', { as, body: { name: 'Fresh' } })
  const start = { 'tenants.name': true, 'tenants.invite': false, 'identity.secondFactor': false }
  assert.deepEqual(await stepsOf({ as, tenant }), { ...start, 'projects.create': false })
  const body = { email: 'guest@example.test', role: 'viewer' }
  await atlas.ask('POST', '/api/v1/invitations', { as, tenant, body })
  const { id } = await atlas.ask<{ id: string }>('POST', '/api/v1/projects', { as, tenant, body: { name: 'First' } })
  await setUpSecondFactor(atlas, as)
  const all = { ...start, 'tenants.invite': true, 'identity.secondFactor': true, 'projects.create': true }
  assert.deepEqual(await stepsOf({ as, tenant }), all)
  await atlas.ask('DELETE', `/api/v1/projects/${id}`, { as, tenant })
  assert.equal((await stepsOf({ as, tenant }))['projects.create'], false, 'it is not there any more')
})

test('nobody is shown what they cannot see to, and whoever dismisses it does so for themselves alone', async () => {
  const viewer = { as: 'viewer@acme.test', tenant: 'acme' }
  const admin = { as: 'admin@acme.test', tenant: 'acme' }
  assert.deepEqual(Object.keys(await stepsOf(viewer)).toSorted(), ['identity.secondFactor', 'tenants.name'])
  for (const _ of ['once', 'again']) await atlas.ask('POST', '/api/v1/onboarding/dismiss', viewer)
  assert.deepEqual([(await read(viewer)).dismissed, (await read(admin)).dismissed], [true, false])
})

test('every step that a module declares has its words and its place in the pages', async () => {
  const repositoryFolder = join(import.meta.dirname, '..', '..')
  const shown: string[] = []
  for await (const file of glob('{platform/src,product}/modules/*/pages.tsx', { cwd: repositoryFolder })) {
    const source = await readFile(join(repositoryFolder, file), 'utf8')
    shown.push(...[...source.matchAll(/key: '([\w.]+)',\s+text:/g)].map(([, key]) => key ?? ''))
  }
  const declared = atlas.installation.modules.flatMap(({ onboarding }) => Object.keys(onboarding))
  assert.ok(declared.length >= 4)
  assert.deepEqual(shown.toSorted(), declared.toSorted())
})
