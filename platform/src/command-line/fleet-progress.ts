import type { FleetCount } from '#kernel/database/fleet'

const barLength = 30
/** Between two lines where nothing can be drawn over, such as the log of a pipeline. */
const lineEveryMs = 5_000

/** How far the tenants are: one line drawn over and over on a terminal, elsewhere a line now and then. On stderr. */
export class FleetProgress {
  readonly #stream: NodeJS.WriteStream
  #saidAtMs = performance.now()
  #drawn = false

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream
  }

  show({ behind, migrated, failed }: FleetCount): void {
    if (behind === 0) return
    const said = `${migrated} of ${behind} migrated${failed > 0 ? `, ${failed} failed` : ''}`
    if (this.#stream.isTTY) {
      const full = Math.round((barLength * Math.min(migrated + failed, behind)) / behind)
      this.#stream.write(`\r\u001b[K${'█'.repeat(full)}${'░'.repeat(barLength - full)} ${said}`)
      this.#drawn = true
    } else if (performance.now() - this.#saidAtMs >= lineEveryMs) {
      this.#saidAtMs = performance.now()
      this.#stream.write(`${said}\n`)
    }
  }

  end(): void {
    if (this.#drawn) this.#stream.write('\r\u001b[K')
  }
}
