import { declaredNames, wordsOf } from './names.ts'
import { isTest, placeOf, type Repository } from './repository.ts'
import { rule } from './rule.ts'

const row = (word: string, file: string, never: string) => `| ${word} | What it is. | \`${file}\` | ${never} |`
const glossary = { 'GLOSSARY.md': row('tenant', 'platform/src/kernel/context.ts', 'company, customer') }

rule('every word of the glossary is said by the file that it names', {
  check: (repository) =>
    wordsIn(repository)
      .filter(
        ({ word, file }) =>
          !repository.has(file) || !`${file} ${repository.text(file)}`.toLowerCase().includes(firstOf(word)),
      )
      .map(({ word, file }) => `GLOSSARY.md ${word} is not in ${file}`),
  breaks: [glossary, { ...glossary, 'platform/src/kernel/context.ts': 'interface Organisation {}' }],
  keeps: [{ ...glossary, 'platform/src/kernel/context.ts': 'interface Tenant {}' }],
})

rule('a thing has one word: nothing is named by what the glossary says never to call it', {
  check(repository) {
    const never = new Map(wordsIn(repository).flatMap(({ word, never }) => never.map((other) => [other, word])))
    return declaredNames(repository)
      .filter(({ node }) => !isTest(node.getSourceFile().fileName))
      .flatMap(({ name, node }) =>
        wordsOf(name).flatMap((each) => {
          const word = never.get(each) ?? never.get(each.replace(/s$/, ''))
          return word === undefined ? [] : [`${placeOf(node)} ${name}: say ${word}`]
        }),
      )
  },
  breaks: [
    { ...glossary, 'platform/src/gates.ts': 'interface CustomerRow {}' },
    { ...glossary, 'platform/src/gates.ts': 'const companies = [], companyId = 1' },
  ],
  keeps: [{ ...glossary, 'platform/src/gates.ts': 'const tenants = []' }],
})

interface Word {
  readonly word: string
  readonly file: string
  readonly never: readonly string[]
}

function wordsIn(repository: Repository): Word[] {
  const rows = repository.text('GLOSSARY.md').matchAll(/^\| ([\w ]+) \| .+ \| `(\S+)` \|(.*)\|$/gm)
  return [...rows].map(([, word = '', file = '', never = '']) => ({
    word,
    file,
    never: never
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  }))
}

/** Names of two words, such as the audit log, go by the first. */
function firstOf(word: string): string {
  return word.split(' ')[0] ?? ''
}
