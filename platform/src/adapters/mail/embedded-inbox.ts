import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Letter, Mailer } from '#modules/mail'

/** A letter as the inbox shows it. */
export interface ReceivedLetter extends Letter {
  readonly receivedAt: string
}

const shownMax = 200

/**
 * Mail for development: a folder with one file a letter instead of a server. A letter that comes twice (the relay died
 * between delivering and saying so) replaces itself. Never bound in production.
 */
export class EmbeddedInbox implements Mailer {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  async deliver(letter: Letter): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 })
    const file = join(this.#folder, `${letter.id}.json`)
    const received: ReceivedLetter = { ...letter, receivedAt: new Date().toISOString() }
    await writeFile(`${file}.new`, JSON.stringify(received), { mode: 0o600 })
    await rename(`${file}.new`, file)
  }

  /** The latest letters, newest first; ids are made in order of time, so names are too. */
  async letters(): Promise<ReceivedLetter[]> {
    const files = (await readdir(this.#folder).catch(() => [])).filter((file) => file.endsWith('.json'))
    const latest = files.toSorted().toReversed().slice(0, shownMax)
    return Promise.all(
      latest.map(async (file) => JSON.parse(await readFile(join(this.#folder, file), 'utf8')) as ReceivedLetter),
    )
  }
}
