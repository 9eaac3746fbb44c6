import { BlockList, isIPv4, isIPv6 } from 'node:net'

/**
 * Which addresses lead to the open internet and nowhere else, by the registries of special-purpose addresses
 * (IANA, RFC 6890 and what came after it). For IPv6 it is the other way round: only what is handed out for global unicast
 * (2000::/3) counts, so that mapped (::ffff:0:0/96), translated (64:ff9b::/96), unique local and link-local addresses need
 * no line of their own.
 */

const special4 = blockListOf('ipv4', [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by a carrier's customers
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, where clouds have their metadata
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
])

const global6 = blockListOf('ipv6', [['2000::', 3]])

const special6 = blockListOf('ipv6', [
  ['2001::', 23], // protocol assignments, with Teredo, which holds an IPv4 address
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which holds an IPv4 address
  ['3fff::', 20], // documentation
])

const loopback4 = blockListOf('ipv4', [['127.0.0.0', 8]])
const loopback6 = blockListOf('ipv6', [['::1', 128]])

export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !special4.check(address, 'ipv4')
  return isIPv6(address) && global6.check(address, 'ipv6') && !special6.check(address, 'ipv6')
}

export function isLoopbackAddress(address: string): boolean {
  return isIPv4(address) ? loopback4.check(address, 'ipv4') : isIPv6(address) && loopback6.check(address, 'ipv6')
}

function blockListOf(family: 'ipv4' | 'ipv6', networks: readonly (readonly [network: string, prefix: number])[]) {
  const list = new BlockList()
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, family)
  return list
}
