import { parseArgs } from 'node:util'
import type { Benchmark } from './benchmark.ts'
import { http } from './http/http.ts'
import { reportOf, tableOf } from './report.ts'

/** `npm run bench -- <name> [--json]`: results on stdout, progress on stderr. */

const benchmarks: readonly Benchmark[] = [http]
const exitCodeBySignal = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

const { positionals, values } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' } } })
const benchmark = benchmarks.find(({ name }) => name === positionals[0])
if (benchmark && positionals.length === 1) process.exitCode = await run(benchmark, values.json ?? false)
else {
  console.error(
    `usage: npm run bench -- <name> [--json]\n${benchmarks.map(({ name, summary }) => `  ${name}  ${summary}`).join('\n')}`,
  )
  process.exitCode = 1
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
