/** Amounts as people say them, in the language and region of this browser. */

const byteUnits = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const

/** 1234567 → "1.2 MB", in powers of 1,000. */
export function bytesText(bytes: number, region: string): string {
  const power = Math.max(0, Math.min(byteUnits.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3) - 1))
  return amountText(bytes / 1_000 ** (power + 1), byteUnits[power] ?? 'kilobyte', region)
}

const timeUnits = [
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** 12345 → "12.3 sec". */
export function durationText(durationMs: number, region: string): string {
  const [unit, ms] = timeUnits.find(([, each]) => durationMs >= each) ?? ['millisecond', 1]
  return amountText(durationMs / ms, unit, region)
}

function amountText(amount: number, unit: string, region: string): string {
  return amount.toLocaleString(region, { style: 'unit', unit, unitDisplay: 'short', maximumFractionDigits: 1 })
}
