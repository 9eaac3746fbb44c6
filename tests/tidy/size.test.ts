import ts from 'typescript'
import { isTest, nodesIn, placeOf, type Repository } from './repository.ts'
import { rule } from './rule.ts'

const functionLinesMax = 70
const fileLinesMax = 400
const testFileLinesMax = 600

rule(`no function is longer than ${functionLinesMax} lines`, {
  check: (repository) =>
    repository.sources().flatMap((source) =>
      [...nodesIn(source)]
        .filter((node) => ts.isFunctionLike(node) && !isSuite(node))
        .map((node) => ({ node, lines: linesIn(node.getText()) }))
        .filter(({ lines }) => lines > functionLinesMax)
        .map(({ node, lines }) => `${placeOf(node)} has ${lines} lines`),
    ),
  breaks: [
    { 'a.ts': `function long() {\n${'work()\n'.repeat(69)}}` },
    { 'a.tsx': `export const Page = () => {\n${'work()\n'.repeat(69)}}` },
    { 'a.ts': `class Long {\n  constructor() {\n${'work()\n'.repeat(69)}}\n}` },
  ],
  keeps: [
    { 'a.ts': `function fits() {\n${'work()\n'.repeat(68)}}` },
    { 'a.test.ts': `describe('many cases', () => {\n${"test('one', () => {})\n".repeat(90)}})` },
    { 'a.test.ts': `test('a story', async (t) => {\n${"await t.test('a step', () => {})\n".repeat(90)}})` },
  ],
})

rule(`no source file is longer than ${fileLinesMax} lines, no test than ${testFileLinesMax}`, {
  check: tooLongFiles,
  breaks: [{ 'a.ts': '\n'.repeat(400) }, { 'a.test.ts': '\n'.repeat(600) }, { 'a.css': '\n'.repeat(400) }],
  keeps: [{ 'a.ts': '\n'.repeat(399) }, { 'a.test.ts': '\n'.repeat(599) }],
})

function tooLongFiles(repository: Repository): string[] {
  const written = repository.sources().map(({ fileName }) => fileName)
  return [...written, ...repository.paths(/\.(css|sql|html)$/)]
    .map((path) => ({ path, lines: linesIn(repository.text(path)) }))
    .filter(({ path, lines }) => lines > (isTest(path) ? testFileLinesMax : fileLinesMax))
    .map(({ path, lines }) => `${path} has ${lines} lines`)
}

/** A suite is a heading over tests, which are functions of their own. */
function isSuite(node: ts.Node): boolean {
  if (!ts.isCallExpression(node.parent)) return false
  const callee = node.parent.expression.getText()
  return callee === 'describe' || (callee === 'test' && /\bt\.test\(/.test(node.getText()))
}

function linesIn(text: string): number {
  return text.split('\n').length
}
