import assert from 'node:assert/strict'
import { test } from 'node:test'
import { weaknessOf } from './common-passwords.ts'

const guessable = [
  'password1234',
  'passwordpassword',
  'PASSWORD-2026',
  'P@ssw0rd2026!',
  'pa$$word12345',
  '12345password',
  'Passwort12345',
  'contraseña123',
  'contrasena2026',
  'qwerty123456',
  'qwertyuiop12',
  'qwertyqwerty',
  '1q2w3e4r5t6y',
  '1qaz2wsx3edc',
  'zaq12wsxcde3',
  'asdfghjkl123',
  '0987654321098',
  '123456789012',
  '111111111111',
  'aaaaaaaaaaaa',
  'abcabcabcabc',
  'abcdefghijkl',
  'iloveyou1234',
  'Iloveyou!!!!!',
  'welcome-2026!',
  'WelcomeWelcome',
  'letmein12345',
  'letmein-letmein',
  'admin1234567',
  'administrator',
  'administrator1',
  'superman2026',
  'changeme1234',
  'football2026',
  'monkey.dragon.1',
  'summer2026!!!',
  'hello123hello',
  'test1234test',
  'maple42maple42',
  '    password    ',
  'tenantry2026',
]
for (const password of guessable) {
  test(`"${password}" is refused`, () => assert.equal(weaknessOf(password), 'common'))
}

const unlikely = [
  'demo-password-1',
  'correct horse battery staple',
  'four unrelated words',
  'Tr0ub4dor&3xyzzy',
  'zw7#Kp2!vQx9',
  'el perro come uvas',
  'my cat sits on maple trees',
  '739158264917',
  'пароль из многих слов',
  '猫は木の上で寝ています今日も',
  'password manager made this',
]
for (const password of unlikely) {
  test(`"${password}" is accepted`, () => assert.equal(weaknessOf(password), undefined))
}

test('length is counted in characters, not in UTF-16 units', () => {
  assert.equal(weaknessOf('🦊🐢🦉🐝🦆🐙'), 'too_short')
  assert.equal(weaknessOf('elevenchars'), 'too_short')
  assert.equal(weaknessOf('🦊🐢🦉🐝🦆🐙🦇🐌🐞🦂🦞🐡'), undefined)
  const long = Array.from({ length: 256 }, (_, index) => String.fromCodePoint(0x4e00 + index * 7)).join('')
  assert.equal(weaknessOf(long), undefined)
  assert.equal(weaknessOf(`${long}x`), 'too_long')
})

test("a person's own address and name are refused as passwords", () => {
  assert.equal(weaknessOf('trinidad.lopez', ['trinidad.lopez@acme.test']), 'common')
  assert.equal(weaknessOf('trinidad-1985', ['trinidad.lopez@acme.test']), 'common')
  assert.equal(weaknessOf('LopezLopez2026', ['tl@acme.test', 'Trinidad Lopez']), 'common')
  assert.equal(weaknessOf('lopez keeps bees', ['trinidad.lopez@acme.test']), undefined)
})

test('the worst case of a long password is judged in a few milliseconds', () => {
  for (const password of ['a'.repeat(255) + 'b', 'ab'.repeat(127) + 'c', '0'.repeat(256)]) {
    const startedMs = performance.now()
    weaknessOf(password, [password])
    assert.ok(performance.now() - startedMs < 50)
  }
})
