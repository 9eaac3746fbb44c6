let latestMs = Number.NaN
let latestText = ''

/** ISO 8601 in UTC with milliseconds. Busy processes ask for the same millisecond several times. */
export function instantOf(date: Date): string {
  const ms = date.getTime()
  if (ms !== latestMs) {
    latestText = date.toISOString()
    latestMs = ms
  }
  return latestText
}
