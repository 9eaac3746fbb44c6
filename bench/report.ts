import type { Comparison, Outcome } from './benchmark.ts'
import { median } from './statistics.ts'

/** The one object that `--json` prints. */
export interface Report {
  readonly name: string
  readonly ratios: Readonly<Record<string, number>>
  readonly raw: Readonly<Record<string, unknown>>
}

export function reportOf(name: string, { comparisons, raw }: Outcome): Report {
  return {
    name,
    ratios: Object.fromEntries(comparisons.map((each) => [each.name, hundredths(median(ratiosOf(each)))])),
    raw,
  }
}

/**
 * The table for people: medians of both sides, their ratio with its least and greatest round, the target, and what
 * PostgreSQL used on either side.
 */
export function tableOf({ comparisons }: Outcome): string {
  const rows = comparisons.map((each) => {
    const ratios = ratiosOf(each)
    const ratio = hundredths(median(ratios))
    return [
      each.name,
      amount(median(each.ours)),
      amount(median(each.bare)),
      each.unit,
      ratio.toFixed(2),
      `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}`,
      'atLeast' in each.target ? `≥ ${each.target.atLeast.toFixed(2)}` : `≤ ${each.target.atMost.toFixed(2)}`,
      meets(each.target, ratio) ? 'met' : 'MISSED',
      each.postgresUs ? `${amount(median(each.postgresUs.ours))} and ${amount(median(each.postgresUs.bare))} µs` : '',
    ]
  })
  return columns([['', 'OURS', 'BARE', '', 'RATIO', 'ROUNDS', 'TARGET', '', 'POSTGRESQL'], ...rows])
}

/** Ours ÷ bare of each round: the two were measured right after each other. */
function ratiosOf({ name, ours, bare }: Comparison): number[] {
  if (ours.length !== bare.length) throw new Error(`${name}: ${ours.length} rounds of ours, ${bare.length} of bare`)
  return ours.map((value, round) => value / (bare[round] as number))
}

function meets(target: Comparison['target'], ratio: number): boolean {
  return 'atLeast' in target ? ratio >= target.atLeast : ratio <= target.atMost
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100
}

function amount(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 })
}

function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 || column === 3 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
