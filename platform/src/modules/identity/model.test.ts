import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from '#kernel/schema'
import { knownPassword, mailToken, newPassword, normalisedEmail, Profile, SignedInSession } from './model.ts'

test('every wire type can be said in JSON Schema', () => {
  for (const schema of [Profile, SignedInSession, newPassword(), knownPassword(), mailToken()]) {
    const said = z.toJSONSchema(schema, { target: 'draft-2020-12', unrepresentable: 'throw' })
    assert.equal(JSON.stringify(said).includes('{}'), false, 'nothing may be left open')
  }
})

test('an address has one form', () => {
  assert.equal(normalisedEmail(' Ada.Lovelace@ACME.Test\t'), 'ada.lovelace@acme.test')
  assert.equal(normalisedEmail('ada+tag@acme.test'), 'ada+tag@acme.test')
})

test('what mail cannot reach is no address', () => {
  const typed = [
    '',
    '@',
    'ada',
    'ada@',
    '@acme.test',
    'ada@acme',
    'a b@acme.test',
    'ada@acme.test\0',
    'ada@acme..test',
    '.ada@acme.test',
    'ada@@acme.test',
    'ada@acme.test, eve@acme.test',
    `${'a'.repeat(250)}@acme.test`,
    'ada\n@acme.test',
  ]
  for (const address of typed) assert.equal(normalisedEmail(address), undefined, JSON.stringify(address))
})
