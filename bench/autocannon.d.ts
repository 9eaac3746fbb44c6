/** The little of autocannon (a development dependency without types) that the benchmarks use. */
declare module 'autocannon' {
  interface Options {
    readonly url: string
    readonly method?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    /** In place of the four above: each connection sends them in turns. */
    readonly requests?: readonly Request[]
    readonly connections: number
    /** Requests altogether. */
    readonly amount: number
    /** How often it looks whether all have been answered, in ms. */
    readonly sampleInt: number
    readonly verifyBody?: (body: string) => boolean
  }

  interface Request {
    readonly method: string
    readonly path: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }

  interface Result {
    readonly errors: number
    readonly timeouts: number
    readonly resets: number
    readonly mismatches: number
    /** Answers by status. */
    readonly statusCodeStats: Readonly<Record<string, { readonly count: number }>>
    /** In ms. */
    readonly latency: { readonly p50: number; readonly p99: number }
  }

  export default function autocannon(options: Options): Promise<Result>
}
