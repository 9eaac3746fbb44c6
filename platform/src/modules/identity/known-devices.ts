import { hash } from 'node:crypto'
import { isIPv6 } from 'node:net'

/**
 * What makes two sign-ins of a person alike: the kind of program (browser and system by name, no versions) and the network
 * (the first 16 bits of an IPv4 address, 32 of an IPv6 one: about a provider's block, so that a new address each morning is
 * no news). Nothing else of the device is looked at, and only a hash of it is kept, for 400 days after its last use.
 */
export function deviceHashOf(userId: string, program: string, address: string | undefined): string {
  return hash('sha256', JSON.stringify([userId, program, networkOf(address ?? '')]))
}

/** A program by name, out of a User-Agent that names every browser there ever was: `Firefox, Windows`. */
export function programOf(userAgent = ''): string {
  const [, browser = userAgent.split('/', 1)[0] ?? ''] = /(Edg|OPR|Firefox|Chrome|Safari)/.exec(userAgent) ?? []
  const [, system] = /(Windows|Mac OS X|Android|iPhone|iPad|Linux)/.exec(userAgent) ?? []
  return [browser.slice(0, 60) || '?', system].filter((part) => part !== undefined).join(', ')
}

function networkOf(address: string): string {
  const mapped = address.replace(/^::ffff:(?=\d+\.)/i, '')
  const separator = isIPv6(mapped) ? ':' : '.'
  return mapped.split(separator).slice(0, 2).join(separator)
}
