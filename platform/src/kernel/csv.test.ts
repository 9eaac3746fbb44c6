import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CsvFault, csvLine, csvLines } from './csv.ts'

const cellsOf = (text: string) => csvLines(text).map(({ cells }) => cells)

test('a file is read as RFC 4180 has it, and as spreadsheets write it', () => {
  assert.deepEqual(cellsOf('a,b\r\n1,2\r\n'), [
    ['a', 'b'],
    ['1', '2'],
  ])
  assert.deepEqual(cellsOf('a,b\n1,2'), [
    ['a', 'b'],
    ['1', '2'],
  ])
  assert.deepEqual(cellsOf('\uFEFFa,"b ""c"", d"\r\n,\r\n"x\r\ny",'), [
    ['a', 'b "c", d'],
    ['x\r\ny', ''],
  ])
  assert.deepEqual(cellsOf('a;b\r\n1,5;2'), [
    ['a', 'b'],
    ['1,5', '2'],
  ])
})

test('each line is named by the number that an editor shows', () => {
  assert.deepEqual(
    csvLines('a\n\n"two\nlines"\nlast').map(({ line }) => line),
    [1, 3, 5],
  )
})

test('a quote where none can stand, or that is not closed, is named with its line', () => {
  for (const [text, line] of [
    ['a\nb"c', 2],
    ['a\n"b', 2],
    ['"a"b', 1],
    ['"', 1],
  ] as const)
    assert.throws(
      () => csvLines(text),
      (error) => error instanceof CsvFault && error.line === line,
      text,
    )
})

test('a line that is written is read back as it was, but for what a spreadsheet would compute', () => {
  const cells = ['plain', 'a, b', 'say "hi"', 'two\r\nlines', '']
  assert.deepEqual(cellsOf(csvLine(cells)), [cells])
  assert.equal(csvLine(['=1+1', '@x', '-2', null]), "'=1+1,'@x,'-2,\r\n")
})
