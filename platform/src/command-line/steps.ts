import { styleText } from 'node:util'

/** Prints what is being done, a line a step, with the time it took. */
export class Steps {
  readonly #write: (line: string) => void

  constructor(write: (line: string) => void = (line) => console.log(line)) {
    this.#write = write
  }

  /** Runs one step. `work` may answer with a word or two to show beside it. */
  async step<Result>(name: string, work: () => Promise<Result>, say?: (result: Result) => string): Promise<Result> {
    const beganAtMs = performance.now()
    try {
      const result = await work()
      const ms = Math.round(performance.now() - beganAtMs)
      const said = say ? `  ${say(result)}` : ''
      this.#write(`${styleText('green', '✓')} ${name}${said}  ${styleText('dim', `${ms} ms`)}`)
      return result
    } catch (error) {
      this.#write(`${styleText('red', '✗')} ${name}`)
      throw error
    }
  }

  note(text: string): void {
    this.#write(styleText('dim', `  ${text}`))
  }

  blank(): void {
    this.#write('')
  }

  line(text: string): void {
    this.#write(text)
  }
}
