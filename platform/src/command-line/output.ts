/** Prints a command's result: JSON for programs, else what `people` makes of it. */
export function print<Result>(result: Result, { json }: { json?: boolean }, people: (result: Result) => string): void {
  console.log(json ? JSON.stringify(result, null, 2) : people(result))
}

/** Columns of text, aligned; the first row is the heading. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, index) => Math.max(...rows.map((row) => row[index]?.length ?? 0))) ?? []
  return rows
    .map((row) =>
      row
        .map((cell, index) => cell.padEnd(widths[index] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
