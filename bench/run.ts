import { parseArgs } from 'node:util'
import { access } from './access/access.ts'
import type { Benchmark } from './benchmark.ts'
import { fleet } from './fleet/fleet.ts'
import { http } from './http/http.ts'
import { limits } from './limits/limits.ts'
import { noise } from './noise/noise.ts'
import { placement } from './placement/placement.ts'
import { reportOf, tableOf } from './report.ts'

/** `npm run bench -- <name> [--json]`: results on stdout, progress on stderr. */

const benchmarks: readonly Benchmark[] = [http, limits, noise, fleet, placement, access]
const exitCodeBySignal = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

const asked = askedFor(process.argv.slice(2))
if (asked) process.exit(await run(asked.benchmark, asked.json))
const list = benchmarks.map(({ name, summary }) => `  ${name}  ${summary}`).join('\n')
console.error(`usage: npm run bench -- <name> [--json]\n${list}`)
process.exitCode = 1

/** Undefined when what was asked for is no benchmark. */
function askedFor(args: string[]): { benchmark: Benchmark; json: boolean } | undefined {
  const options = { json: { type: 'boolean' } } as const
  const { positionals, values } = parseArgs({ args, options, allowPositionals: true, strict: false })
  const understood = Object.keys(values).every((name) => name in options)
  const benchmark = benchmarks.find(({ name }) => name === positionals[0])
  if (!benchmark || positionals.length > 1 || !understood) return undefined
  return { benchmark, json: values.json === true }
}

async function run(benchmark: Benchmark, json: boolean): Promise<number> {
  const started = new AsyncDisposableStack()
  const interrupted = firstSignal()
  try {
    const outcome = await Promise.race([benchmark.run(started, (text) => console.error(text)), interrupted])
    if (typeof outcome === 'number') return outcome
    console.log(json ? JSON.stringify(reportOf(benchmark.name, outcome)) : tableOf(outcome))
    return 0
  } finally {
    await started.disposeAsync()
  }
}

/** Resolves to the exit code when somebody asks us to stop. */
function firstSignal(): Promise<number> {
  return new Promise((resolve) => {
    for (const [signal, code] of Object.entries(exitCodeBySignal)) process.once(signal, () => resolve(code))
  })
}
