/** Every limit is for any 60 seconds. */
export const windowMs = 60_000
/** A window is counted in so many slices, and the one that has just begun beside them: so it is never too short. */
export const slicesPerWindow = 120
const sliceMs = windowMs / slicesPerWindow

/** What one process has let through lately, on a clock that only goes forward. */
export class SlidingWindow {
  /** By number of the slice, in a ring. */
  readonly #counts = new Uint32Array(slicesPerWindow + 1)
  #newest = 0
  #used = 0

  add(nowMs: number): void {
    this.#advance(nowMs)
    const place = this.#newest % this.#counts.length
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    this.#used += 1
  }

  used(nowMs: number): number {
    this.#advance(nowMs)
    return this.#used
  }

  /** Milliseconds until something of what is counted leaves the window; 0 when nothing is. */
  freesInMs(nowMs: number): number {
    this.#advance(nowMs)
    if (this.#used === 0) return 0
    let oldest = this.#newest - slicesPerWindow
    while (this.#counts[at(oldest, this.#counts.length)] === 0) oldest += 1
    return (oldest + this.#counts.length) * sliceMs - nowMs
  }

  #advance(nowMs: number): void {
    const slice = Math.floor(nowMs / sliceMs)
    const passed = Math.min(slice - this.#newest, this.#counts.length)
    for (let number = slice - passed + 1; number <= slice; number++) {
      const place = at(number, this.#counts.length)
      this.#used -= this.#counts[place] ?? 0
      this.#counts[place] = 0
    }
    this.#newest = Math.max(slice, this.#newest)
  }
}

/** Slices before the first have negative numbers. */
function at(slice: number, length: number): number {
  return ((slice % length) + length) % length
}
