/**
 * Positions in the write-ahead logs of cells, for reading one's own writes from a replica: a caller who has written sends
 * along what the write answered, and a replica that has not come so far yet is not asked.
 */

/** How far the log of each cell was when the caller last wrote there, by the cell's name. */
export type ReadAfter = ReadonlyMap<string, bigint>

/** Of a write whose position could not be told: no replica comes so far. */
export const beyondReplicas = (1n << 64n) - 1n

const cellsMax = 50
const entryPattern = /^([a-z][a-z0-9-]{0,39}):([0-9A-F]{1,8}\/[0-9A-F]{1,8})$/

/** `16/B374D848` (PostgreSQL's pg_lsn: two hexadecimal numbers of 32 bits) as one number. */
export function positionOf(lsn: string): bigint {
  const [high = '0', low = '0'] = lsn.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}

function lsnOf(position: bigint): string {
  return `${(position >> 32n).toString(16)}/${(position & 0xffffffffn).toString(16)}`.toUpperCase()
}

/** Reads `main:16/B374D848~eu-1:0/1A2B`. What is not of that form counts as nothing written: `none` is how callers say so. */
export function readAfterOf(text: string): ReadAfter {
  const entries = text.split('~', cellsMax).flatMap((entry) => {
    const [, cell, lsn] = entryPattern.exec(entry) ?? []
    return cell === undefined || lsn === undefined ? [] : [[cell, positionOf(lsn)] as const]
  })
  return new Map(entries)
}

/** What a caller is to send from now on: what they sent, and the position of this write. */
export function textOfReadAfter(before: ReadAfter, written: { cell: string; position: bigint }): string {
  const all = new Map(before).set(written.cell, written.position)
  return [...all].map(([cell, position]) => `${cell}:${lsnOf(position)}`).join('~')
}
