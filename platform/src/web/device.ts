/** What people call it: the browser and the system, out of a User-Agent that names every browser there ever was. */
export function deviceOf(userAgent: string | null): string {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari|curl|node)/.exec(userAgent ?? '')?.[1] ?? '?'
  const system = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(userAgent ?? '')?.[1]
  return system === undefined ? browser : `${browser}, ${system}`
}
