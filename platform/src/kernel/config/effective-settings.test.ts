import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settings } from './configuration.ts'
import { effectiveSettings } from './effective-settings.ts'

const secretLooking = /SECRET|_URL$|CELLS|KEY|TOKEN|PASSWORD/

test('no setting that may carry a secret shows its value, whatever it is', () => {
  const canary = 'postgresql://somebody:canary-4711@127.0.0.1/'
  const all = Object.fromEntries(Object.keys(settings).map((name) => [name, canary]))
  const shown = effectiveSettings(all).filter(({ value }) => value?.includes('canary'))
  assert.ok(shown.length > 10)
  assert.deepEqual(
    shown.map(({ name }) => name).filter((name) => secretLooking.test(name)),
    ['TENANTRY_PUBLIC_URL'],
  )
  for (const { isSet, isSecret, value } of effectiveSettings(all))
    assert.deepEqual([isSet, isSecret], [true, value === null])
})

test('each setting says where its value comes from; an empty one is not set', () => {
  const by = (environment: Record<string, string>, found = {}) =>
    new Map(effectiveSettings(environment, found).map(({ name, source, value }) => [name, [source, value]]))
  assert.deepEqual(by({ TENANTRY_REGION: 'eu' }).get('TENANTRY_REGION'), ['environment', 'eu'])
  assert.deepEqual(by({ TENANTRY_REGION: '' }).get('TENANTRY_REGION'), ['default', 'local'])
  assert.deepEqual(by({}, { PORT: '3001' }).get('PORT'), ['default', '3001'])
  assert.deepEqual(by({ TENANTRY_SECRET: 'x'.repeat(40) }).get('TENANTRY_SECRET'), ['environment', null])
})
