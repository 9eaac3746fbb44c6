/** What a process wants of one window that all processes share. */
export interface PermitsWanted {
  readonly window: string
  /** 0: only to see how the window stands. */
  readonly wanted: number
  readonly limit: number
}

/** What it got, and how the window stands since. */
export interface PermitsTaken {
  /** `wanted`, or what was left of the limit. */
  readonly granted: number
  /** By all processes together, in the window that ends now. */
  readonly used: number
  /** Milliseconds until something of that leaves the window; 0 when nothing is used. */
  readonly freesInMs: number
}

/**
 * Where the processes of an installation count together. What is taken counts for the window's length by the store's own
 * clock, in slices of half a second, so up to one slice longer and never shorter. Both adapters pass one contract test.
 */
export interface RateStore {
  /** Answers in the order of what was wanted, of which no two name the same window. Rejects when the store is lost. */
  take(wanted: readonly PermitsWanted[]): Promise<PermitsTaken[]>
  close(): Promise<void>
}
