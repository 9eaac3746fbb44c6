import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Failure } from '#kernel/errors/failure'
import { PasswordHashing } from './password-hashing.ts'

const hashing = new PasswordHashing()

test('a hash is a PHC string of argon2id with the cost that OWASP asks for, and salted', async () => {
  const [first, second] = await Promise.all([hashing.hash('demo-password-1'), hashing.hash('demo-password-1')])
  assert.match(first, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  assert.notEqual(first, second)
})

test('only the right password matches', async () => {
  const hash = await hashing.hash('demo-password-1')
  assert.equal(await hashing.verify(hash, 'demo-password-1'), true)
  for (const wrong of ['demo-password-2', 'Demo-password-1', 'demo-password-1 ', '']) {
    assert.equal(await hashing.verify(hash, wrong), false, wrong)
  }
})

test('hashes of the reference implementation match, with their own cost', async () => {
  // argon2 reference implementation, src/test.c, argon2id version 0x13.
  const reference = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc'
  assert.equal(await hashing.verify(reference, 'password'), true)
  assert.equal(await hashing.verify(reference, 'Password'), false)
})

test('a password is the same however its letters are composed', async () => {
  const hash = await hashing.hash('contrase\u00f1a larga')
  assert.equal(await hashing.verify(hash, 'contrasen\u0303a larga'), true)
})

test('anything but a PHC string of argon2id is a defect, not a wrong password', async () => {
  for (const hash of ['', 'plain', '$2b$10$abcdefghijklmnopqrstuv', '$argon2i$v=19$m=65536,t=2,p=1$c29tc2FsdA$AAAA']) {
    await assert.rejects(hashing.verify(hash, 'demo-password-1'), /no argon2id PHC string/)
  }
})

test('the event loop goes on while passwords are hashed', async () => {
  let ticks = 0
  const timer = setInterval(() => {
    ticks += 1
  }, 5)
  await Promise.all(Array.from({ length: 20 }, () => hashing.hash('demo-password-1')))
  clearInterval(timer)
  assert.ok(ticks >= 10, `${ticks} ticks`)
})

test('a thousand at once take bounded memory, and who finds the line full is told to come back', async () => {
  const before = process.memoryUsage().rss
  let highest = before
  const timer = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss)
  }, 5)
  const outcomes = await Promise.allSettled(
    Array.from({ length: 1_000 }, () => hashing.inTurn(() => hashing.hash('demo-password-1'))),
  )
  clearInterval(timer)
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason as Failure)
  assert.equal(refused.length, 1_000 - 202)
  for (const { kind, retryAfterSeconds } of refused) {
    assert.deepEqual([kind.code, retryAfterSeconds], ['platform.unavailable', 5])
  }
  const grownMiB = (highest - before) / 2 ** 20
  assert.ok(grownMiB < 128, `grew by ${grownMiB.toFixed(0)} MiB`)
})
