/**
 * What of a foreign session description may reach the WebRTC library. Pure.
 *
 * Each candidate is an address that this machine will send packets to, and a name would be looked up: a line counts as a
 * candidate only if it has the very form of RFC 8839 §5.1, and whatever merely looks like one does not pass.
 */

import { BlockList, isIP } from 'node:net'
import { StreamflowError } from '@streamflow/sdk/errors'

/** Candidates of an offer that are tried. */
const maxCandidates = 6
const candidateLine = /^a=candidate:[\w+/]{1,32} 1 (?:udp|UDP) \d{1,10} (\S{2,45}) \d{1,5} typ (?:host|srflx|prflx|relay)(?: raddr \S{2,45} rport \d{1,5})?(?: [\w-]{1,32} [\w+/.-]{1,64}){0,8}$/

/** What only a machine in the same network could mean, and what no peer can be: RFC 6890 and its registries, and the multicast ranges. */
const unreachable = new BlockList()
for (const [network, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12],
  ['192.0.0.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['224.0.0.0', 3],
] as const) unreachable.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [['2001::', 23], ['2002::', 16], ['3fff::', 20]] as const) unreachable.addSubnet(network, prefix, 'ipv6')
/** All global unicast of IPv6 (RFC 4291 §2.4): what lies outside of it is for networks of one's own, or hides an address of IPv4. */
const globalUnicast = new BlockList()
globalUnicast.addSubnet('2000::', 3, 'ipv6')

/**
 * Keeps an offer's first candidates that are plain addresses a stranger may name. The peer reaches us by our own
 * candidates anyway.
 * @param options.allowPrivate - also addresses of private networks and of this machine
 * @throws {@link StreamflowError} `BadMessage` if it offers no data channel
 */
export function restrictOffer(sdp: string, { allowPrivate }: { readonly allowPrivate: boolean }): string {
  const lines = sdp.split(/\r\n|\n/)
  if (!lines.some((line) => line.startsWith('m=application '))) throw new StreamflowError('BadMessage', 'the offer has no data channel')
  let count = 0
  const kept = lines.filter((line) => {
    if (!/candidate/i.test(line)) return /^[\x20-\x7e]*$/.test(line)
    if (line === 'a=end-of-candidates') return true
    const address = candidateLine.exec(line)?.[1]
    return address !== undefined && isReachable(address, allowPrivate) && ++count <= maxCandidates
  })
  return kept.join('\r\n')
}

function isReachable(address: string, allowPrivate: boolean): boolean {
  const version = isIP(address)
  if (version === 0 || allowPrivate) return version !== 0
  return version === 4 ? !unreachable.check(address, 'ipv4') : globalUnicast.check(address, 'ipv6') && !unreachable.check(address, 'ipv6')
}
