import { policyItem } from './rate-headers.ts'
import type { PermitsTaken, PermitsWanted } from './rate-store.ts'
import { SlidingWindow, windowMs } from './sliding-window.ts'

/**
 * A process holds at most this part of a limit ahead of need: with four processes what lies unused, or was taken before the
 * window began, stays within 1 %. So limits below 400 are taken from one by one.
 */
const partHeld = 1 / 400
/**
 * Nor more than what it lets through in this time: so it asks some four times a second however busy it is, and holds next to
 * nothing of a limit that is hardly used. What is held stays counted when the tenant changes to a plan with far lower limits.
 */
const heldForMs = 500
/** To begin with. From there it goes up to the double with each question, and down to the half: work comes in bursts. */
const heldLeast = 20
/** A store that had nothing left is left alone for a moment, whatever it says. */
const askedAgainAfterMs = 10
/** From this part of a limit on, callers are warned. */
const warningPart = 0.8

/** From so many requests on, callers are warned. */
export function warnsAt(limit: number): number {
  return Math.ceil(limit * warningPart)
}

/** How one limit stands, as this process knows it. */
export interface Standing {
  /** `tenant-read` */
  readonly name: string
  /** The limit as the header `RateLimit-Policy` has it. */
  readonly policy: string
  readonly remaining: number
  /** Milliseconds until more is free. */
  readonly freesInMs: number
  /** Whether 80 % are used. */
  readonly warning: boolean
}

/** The permits that this process holds of one window, and what it knows of the rest. */
export class Lease {
  readonly window: string
  readonly #name: string
  #policy = ''
  /** What this process alone let through: what it goes by while the store is lost. */
  readonly own = new SlidingWindow()
  #limit = 0
  #held = 0
  #heldUntilMs = 0
  /** By all processes, when the store was last asked. */
  #used = 0
  #freesAtMs = 0
  #refusedUntilMs = 0
  /** How many are to be held ahead of need, as far as the limit allows it. */
  #ahead = heldLeast
  #usedSinceAsked = 0
  #askedAtMs = Number.NEGATIVE_INFINITY
  /** Callers who cannot go on without a permit, since the store was last asked. */
  waiting = 0

  constructor(window: string, name: string, limit: number) {
    this.window = window
    this.#name = name
    this.limit = limit
  }

  get limit(): number {
    return this.#limit
  }

  /** Another plan counts at once: nobody is let through, and nobody refused, by the limit of the old one. */
  set limit(limit: number) {
    if (limit === this.#limit) return
    this.#limit = limit
    this.#policy = policyItem(this.#name, limit)
    this.#held = 0
    this.#refusedUntilMs = 0
  }

  get #heldMax(): number {
    return Math.min(this.#ahead, Math.floor(this.#limit * partHeld))
  }

  isHeld(nowMs: number): boolean {
    if (nowMs > this.#heldUntilMs) this.#held = 0
    return this.#held > 0
  }

  /** Whether the store has nothing left for now. */
  isRefused(nowMs: number): boolean {
    return nowMs < this.#refusedUntilMs && !this.isHeld(nowMs)
  }

  /** Uses one permit. To be called only while one is held. */
  use(nowMs: number): void {
    this.#held -= 1
    this.#usedSinceAsked += 1
    this.own.add(nowMs)
  }

  /** Whether it is time to ask for more, before somebody has to wait. */
  isLow(nowMs: number): boolean {
    return this.#held <= this.#heldMax / 2 && this.#heldMax > 0 && nowMs >= this.#refusedUntilMs
  }

  /** What to ask the store for: a permit for each who waits, and what may be held beside. */
  wanted(nowMs: number): PermitsWanted {
    const needed = Math.ceil((this.#usedSinceAsked * heldForMs) / Math.max(1, nowMs - this.#askedAtMs))
    this.#ahead = Math.max(heldLeast, Math.floor(this.#ahead / 2), Math.min(needed, this.#ahead * 2))
    this.#usedSinceAsked = 0
    this.#askedAtMs = nowMs
    const wanted = this.waiting + this.#heldMax - Math.min(this.#held, this.#heldMax)
    this.waiting = 0
    return { window: this.window, wanted, limit: this.#limit }
  }

  receive({ wanted, limit }: PermitsWanted, { granted, used, freesInMs }: PermitsTaken, nowMs: number): void {
    if (limit !== this.#limit) return
    this.#held = (this.isHeld(nowMs) ? this.#held : 0) + granted
    this.#heldUntilMs = nowMs + windowMs
    this.#used = used
    this.#freesAtMs = nowMs + freesInMs
    if (granted < wanted) this.#refusedUntilMs = nowMs + Math.max(freesInMs, askedAgainAfterMs)
  }

  standing(nowMs: number): Standing {
    const remaining = Math.max(0, this.#limit - this.#used + this.#held)
    return this.#standingWith(Math.min(remaining, this.#limit), this.#freesAtMs - nowMs)
  }

  /** By what this process alone let through. */
  standingAlone(nowMs: number, limit: number): Standing {
    return this.#standingWith(Math.max(0, limit - this.own.used(nowMs)), this.own.freesInMs(nowMs))
  }

  #standingWith(remaining: number, freesInMs: number): Standing {
    const warning = this.#limit - remaining >= warnsAt(this.#limit)
    return { name: this.#name, policy: this.#policy, remaining, freesInMs: Math.max(0, freesInMs), warning }
  }
}
