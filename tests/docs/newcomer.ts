import assert from 'node:assert/strict'
import { Clone } from './clone.ts'
import { type Block, changed } from './markdown.ts'

/** Somebody who does what a page says, and nothing else. */
export class Newcomer {
  readonly clone: Clone
  /** The API key that a command printed. */
  key = ''
  #printed = ''
  #reply: unknown

  private constructor(clone: Clone) {
    this.clone = clone
  }

  static async arrive(): Promise<Newcomer> {
    return new Newcomer(await Clone.make())
  }

  /** Writes files, makes changes, types commands, and compares replies with those that the page shows. */
  async follow(blocks: readonly Block[]): Promise<void> {
    for (const { language, file, text } of blocks) {
      if (file !== undefined && language === 'diff') this.clone.write(file, changed(this.clone.read(file), text))
      else if (file !== undefined) this.clone.write(file, text)
      else if (language === 'sh') for (const line of text.trimEnd().split('\n')) await this.type(line)
      else if (language === 'json') assertLike(this.#reply, JSON.parse(text))
      else throw new Error(`nobody knows what to do with ${language}:\n${text}`)
    }
  }

  async type(line: string): Promise<void> {
    const words = this.#wordsIn(line)
    const command = words.slice(0, 2).join(' ')
    if (command === 'npm start') await this.clone.start()
    else if (command === 'npx tenantry') this.#printed = await this.clone.command(words.slice(2))
    else if (line === 'KEY=tk_…') this.key = this.#printed.split('\n', 1)[0] ?? ''
    else if (words[0] === 'curl') this.#reply = await this.#curl(words.slice(1))
    else throw new Error(`nobody knows how to type: ${line}`)
  }

  /** As a shell takes a line apart; `$KEY` counts within double quotes. */
  #wordsIn(line: string): string[] {
    return [...line.matchAll(/"([^"]*)"|'([^']*)'|([^\s"']+)/g)].map(
      ([, double, single, bare]) => double?.replace('$KEY', this.key) ?? single ?? bare ?? '',
    )
  }

  /** The part of curl that the pages use, so that the test needs no curl. Returns the body. */
  async #curl(words: readonly string[]): Promise<unknown> {
    let url = ''
    let body: string | undefined
    const headers: Record<string, string> = {}
    for (let at = 0; at < words.length; at++) {
      const word = words[at] ?? ''
      if (word === '-d') body = words[++at]
      else if (word === '-H') {
        const [name = '', value = ''] = (words[++at] ?? '').split(': ', 2)
        headers[name] = value
      } else if (word.startsWith('http://localhost:3000/')) url = word.slice('http://localhost:3000'.length)
      else throw new Error(`curl: ${word}`)
    }
    const sent = body === undefined ? {} : { method: 'POST', body }
    return (await fetch(this.clone.running.url + url, { headers, ...sent })).json()
  }
}

/** Equal, but for texts that the page leaves out: `"…"`. */
function assertLike(actual: unknown, shown: unknown): void {
  if (shown === '…') assert.equal(typeof actual, 'string')
  else if (typeof shown !== 'object' || shown === null) assert.equal(actual, shown)
  else {
    assert.ok(typeof actual === 'object' && actual !== null, `${JSON.stringify(actual)} for ${JSON.stringify(shown)}`)
    assert.deepEqual(Object.keys(actual).toSorted(), Object.keys(shown).toSorted())
    for (const [name, value] of Object.entries(shown)) assertLike(Reflect.get(actual, name), value)
  }
}
