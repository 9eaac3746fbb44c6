/** What `npm run bench -- <name>` can run. */
export interface Benchmark {
  readonly name: string
  /** One line for the list of benchmarks. */
  readonly summary: string
  /** Whatever it starts it hands to `started`, which ends it, also when the benchmark is interrupted. */
  run(started: AsyncDisposableStack, say: Say): Promise<Outcome>
}

/** Tells the person who waits how far it has come. */
export type Say = (text: string) => void

export interface Outcome {
  readonly comparisons: readonly Comparison[]
  /** Everything that was measured, for whoever wants to look closer. */
  readonly raw: Readonly<Record<string, unknown>>
}

/** One thing measured on both sides, round by round. */
export interface Comparison {
  /** `read_ratio` */
  readonly name: string
  /** What `ours` and `bare` count. */
  readonly unit: string
  readonly ours: readonly number[]
  readonly bare: readonly number[]
  /** CPU time of PostgreSQL beside it, in µs a request. */
  readonly postgresUs?: { readonly ours: readonly number[]; readonly bare: readonly number[] }
  /** The bound that the project has set itself. */
  readonly target: { readonly atLeast: number } | { readonly atMost: number }
}
