/** Fetching what a stranger named: no more than so many bytes, no longer than so long, no redirect, and nothing of a private network. */

import { lookup as resolveName, type LookupAddress } from 'node:dns'
import { get as getPlain } from 'node:http'
import { get as getSecure } from 'node:https'
import { BlockList, isIP, type LookupFunction } from 'node:net'
import { StreamflowError } from '@streamflow/sdk/errors'

/** What is allowed. */
export interface FetchBounds {
  readonly maxBytes: number
  readonly timeoutMs: number
  /** Whether addresses of private networks and of this machine, and those without TLS, may be asked: for networks on one machine. */
  readonly allowPrivate: boolean
}

/** IANA's special-purpose address registries: what is not a host on the public internet. IPv4 within IPv6 is found by its own rules. */
const specialPurpose: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'], ['10.0.0.0', 8, 'ipv4'], ['100.64.0.0', 10, 'ipv4'], ['127.0.0.0', 8, 'ipv4'], ['169.254.0.0', 16, 'ipv4'], ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'], ['192.168.0.0', 16, 'ipv4'], ['198.18.0.0', 15, 'ipv4'], ['224.0.0.0', 3, 'ipv4'],
  ['::', 127, 'ipv6'], ['64:ff9b::', 96, 'ipv6'], ['fc00::', 7, 'ipv6'], ['fe80::', 10, 'ipv6'], ['ff00::', 8, 'ipv6'], ['2002::', 16, 'ipv6'],
]
const privateAddresses = new BlockList()
for (const [address, prefix, family] of specialPurpose) privateAddresses.addSubnet(address, prefix, family)

/** Whether an address is no host on the public internet. */
export function isPrivateAddress(address: string): boolean {
  return privateAddresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Looks names up, and finds none that leads into a private network: what is checked is what is connected to. */
const lookUpPublic: LookupFunction = (hostname, options, callback) => {
  resolveName(hostname, { ...options, all: true }, (error, addresses: readonly LookupAddress[]) => {
    const [first] = addresses ?? []
    if (error !== null || first === undefined) return callback(error ?? new Error(`${hostname} has no address`), '', 0)
    if (addresses.some(({ address }) => isPrivateAddress(address))) return callback(new Error(`${hostname} leads into a private network`), '', 0)
    if (options.all === true) callback(null, [...addresses])
    else callback(null, first.address, first.family)
  })
}

/**
 * Fetches a document.
 * @throws {@link StreamflowError} `EvidenceUnavailable` if it is not there, too large, or not to be asked for
 */
export async function fetchBounded(url: string, { maxBytes, timeoutMs, allowPrivate }: FetchBounds): Promise<Uint8Array> {
  const unavailable = (reason: string, cause?: unknown): StreamflowError => new StreamflowError('EvidenceUnavailable', `${url}: ${reason}`, { cause, data: { url } })
  const { protocol, hostname } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (!allowPrivate && (protocol !== 'https:' || (isIP(host) !== 0 && isPrivateAddress(host)))) throw unavailable('only public https addresses are asked')
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const request = (protocol === 'https:' ? getSecure : getPlain)(url, { signal, ...(!allowPrivate && { lookup: lookUpPublic }) }, (response) => {
      if (response.statusCode !== 200) {
        request.destroy()
        return reject(unavailable(`the answer is ${response.statusCode}`))
      }
      const pieces: Buffer[] = []
      let total = 0
      response.on('data', (piece: Buffer) => {
        total += piece.length
        if (total > maxBytes) {
          request.destroy()
          return reject(unavailable(`more than ${maxBytes} bytes`))
        }
        pieces.push(piece)
      })
      response.on('end', () => resolve(new Uint8Array(Buffer.concat(pieces))))
      response.on('error', (error) => reject(unavailable(error.message, error)))
    })
    request.on('error', (error) => reject(unavailable(error.message, error)))
  })
}
