/** One way in which an operation may fail, declared once and named by each operation that can answer it. */
export interface FailureKind {
  /** Stable, `thing.reason`; never reused for another meaning. */
  readonly code: string
  /** HTTP status (RFC 9110 §15). */
  readonly status: number
  /** A sentence for the customer; may be shown as it is. */
  readonly title: string
  /** For the docs page: what causes it and what to do. */
  readonly help: string
}

/** One field that is wrong: `pointer` is a JSON pointer (RFC 6901) into the body, or `#/query/name`, `#/path/name`. */
export interface FieldFailure {
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

const declared = new Map<string, FailureKind>()

/** Declares a failure. Throws when the code is taken or the status is none of 4xx and 5xx. */
export function failure(code: string, kind: Omit<FailureKind, 'code'>): FailureKind {
  if (!/^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/.test(code)) throw new Error(`failure code "${code}" is not thing.reason`)
  if (declared.has(code)) throw new Error(`failure code "${code}" is declared twice`)
  if (kind.status < 400 || kind.status > 599) throw new Error(`failure "${code}" has status ${kind.status}`)
  const frozen = Object.freeze({ code, ...kind })
  declared.set(code, frozen)
  return frozen
}

/** Every failure declared so far, by code: the docs pages and their test go through it. */
export function declaredFailures(): readonly FailureKind[] {
  return [...declared.values()].toSorted((left, right) => left.code.localeCompare(right.code))
}

export interface FailureDetails {
  /** More precise than the kind's title; for the customer. */
  readonly detail?: string
  readonly errors?: readonly FieldFailure[]
  /** Seconds until trying again makes sense; becomes Retry-After. */
  readonly retryAfterSeconds?: number
  /** For the operator's log only, never sent. */
  readonly cause?: unknown
}

/** A declared failure that happened. Thrown by `ctx.fail` and by the platform; everything else thrown is a defect. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly kind: FailureKind
  readonly errors: readonly FieldFailure[]
  readonly retryAfterSeconds: number | undefined

  constructor(kind: FailureKind, { detail, errors, retryAfterSeconds, cause }: FailureDetails = {}) {
    super(detail ?? kind.title, { cause })
    this.kind = kind
    this.errors = errors ?? []
    this.retryAfterSeconds = retryAfterSeconds
  }
}
