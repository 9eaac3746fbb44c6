import ts from 'typescript'
import { nodesIn, placeOf, type Repository } from './repository.ts'
import { rule } from './rule.ts'

const wordsMin = 3

rule('a test is named for what it guarantees, in a sentence', {
  check: (repository) =>
    callsIn(repository)
      .filter(({ expression }) => /^(t\.)?test$/.test(expression.getText()))
      .map((call) => ({ call, name: call.arguments[0]?.getText() ?? '' }))
      .filter(({ name }) => /^['"`]/.test(name) && !name.includes('${') && name.split(/\s+/).length < wordsMin)
      .map(({ call, name }) => `${placeOf(call)} ${name}`),
  breaks: [{ 'a.test.ts': "test('throttle works', () => {})" }, { 'a.test.ts': 'test("signIn()", () => {})' }],
  keeps: [
    { 'a.test.ts': "test('a revoked key stops working within a second', () => {})" },
    { 'a.test.ts': 'for (const { name } of cases) test(name, () => {})' },
    { 'a.test.ts': 'for (const { what } of cases) test(`refuses ${what}`, () => {})' },
  ],
})

rule('no test puts something of its own in the place of our code', {
  check: (repository) =>
    testsIn(repository)
      .filter((node) => ts.isIdentifier(node) && /^(mock|stub|spy)$/i.test(node.text))
      .map((node) => placeOf(node)),
  breaks: [
    { 'a.test.ts': "import { mock, test } from 'node:test'" },
    { 'a.test.ts': "test('it sends one mail', (t) => t.mock.method(mailer, 'deliver'))" },
  ],
  keeps: [{ 'a.test.ts': "import { test } from 'node:test'" }],
})

rule('no test is left out, and none is run alone', {
  check: (repository) =>
    callsIn(repository)
      .filter(({ expression }) => /^(test|describe|suite)\.(only|skip|todo)$/.test(expression.getText()))
      .map((call) => `${placeOf(call)} ${call.expression.getText()}`),
  breaks: [
    { 'a.test.ts': "test.only('a key is shown once', () => {})" },
    { 'a.test.mjs': "describe.skip('keys', () => {})" },
  ],
})

function testsIn(repository: Repository): ts.Node[] {
  return repository.sources(/\.test\.(tsx?|mjs)$/).flatMap((source) => [...nodesIn(source)])
}

function callsIn(repository: Repository): ts.CallExpression[] {
  return testsIn(repository).filter(ts.isCallExpression)
}
