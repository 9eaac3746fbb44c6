import assert from 'node:assert/strict'
import { test } from 'node:test'
import { positionOf, readAfterOf, textOfReadAfter } from './log-position.ts'

test('positions order as PostgreSQL orders them, and survive being written and read', () => {
  const ordered = ['0/0', '0/FFFFFFFF', '1/0', '16/B374D848', 'FFFFFFFF/FFFFFFFF'].map(positionOf)
  assert.deepEqual(
    ordered.toSorted((left, right) => (left < right ? -1 : 1)),
    ordered,
  )
  for (const position of ordered) {
    const text = textOfReadAfter(new Map(), { cell: 'main', position })
    assert.deepEqual(readAfterOf(text), new Map([['main', position]]))
  }
})

test('a write in one cell leaves what was written in others, and replaces what was before in its own', () => {
  const before = readAfterOf('main:0/1~eu-1:0/2')
  const after = readAfterOf(textOfReadAfter(before, { cell: 'eu-1', position: 9n }))
  assert.deepEqual(
    after,
    new Map([
      ['main', 1n],
      ['eu-1', 9n],
    ]),
  )
})

test('whatever is not of the form counts as nothing written', () => {
  for (const text of ['none', '', '~', 'main', 'main:1', 'main:0/G', 'Main:0/1', 'main:0/123456789', 'a:b:0/1'])
    assert.deepEqual(readAfterOf(text), new Map(), text)
  const many = Array.from({ length: 100 }, (_, index) => `cell-${index}:0/1`).join('~')
  assert.equal(readAfterOf(many).size, 50)
})
