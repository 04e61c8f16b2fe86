/** Finds a network by what developers have of it: its description, the address of one, or a name. */

import { sha256 } from '@noble/hashes/sha2'
import { StreamflowError, isStreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { createDeadline } from '../units/deadline.js'
import { assertNetwork, parseNetwork, type Network } from './network.js'

/**
 * A network: its description, the address of one (absolute, or seen from the page), or a name. `local` is the one that
 * `npm start` of the repository brings up on this machine. An address may end with what must be there, written as for
 * [Subresource Integrity](https://www.w3.org/TR/SRI/): `https://…/network.json#sha256-…`. Who can change a description can
 * have deposits sent elsewhere.
 */
export type NetworkSource = Network | (string & {}) | URL | 'local'

/** Where the descriptions of networks with a name are. */
const addresses: Readonly<Record<string, string>> = { local: 'http://localhost:4300/network.json' }
/** Characters of a description; a real one has less than a thousand. */
const maxLength = 64 * 1024
const timeoutMs = 10_000
/** Base64 of 32 bytes behind the algorithm's name. */
const integrityFragment = /^#sha256-([A-Za-z0-9+/]{43}=)$/

/** How to load. */
export interface LoadNetworkOptions {
  readonly signal?: AbortSignal | undefined
  readonly fetch?: typeof fetch | undefined
}

/**
 * Whether a source is one, as far as that can be told without asking anybody.
 * @throws {@link StreamflowError} `InvalidArgument`
 */
export function assertNetworkSource(source: unknown): asserts source is NetworkSource {
  if (typeof source !== 'string' && !(source instanceof URL)) return assertNetwork(source, 'network')
  findAddress(source)
}

/**
 * Loads a network's description, if it is not given.
 * @throws {@link StreamflowError} `InvalidArgument` for a name that nobody has, or a fragment that is no hash;
 *   `NetworkUnavailable` if there is no description at the address, or not the one whose hash it names, with a sentence for
 *   what is there instead; `Aborted`
 * @example
 * const network = await loadNetwork('https://streamflow.example/network.json#sha256-3q2+7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=')
 */
export async function loadNetwork(source: NetworkSource, { signal, fetch: send = globalThis.fetch.bind(globalThis) }: LoadNetworkOptions = {}): Promise<Network> {
  if (typeof source !== 'string' && !(source instanceof URL)) {
    assertNetwork(source, 'network')
    return source
  }
  const { address, integrity } = findAddress(source)
  const deadline = createDeadline({ timeoutMs, signal })
  try {
    const response = await send(address, { signal: deadline.signal, credentials: 'same-origin' })
    if (!response.ok) throw unavailable(address, `the server answered ${response.status}`)
    return readDescription(address, await response.text(), integrity)
  } catch (thrown) {
    if (deadline.signal.aborted) throw toStreamflowError(deadline.signal.reason, 'Timeout')
    if (isStreamflowError(thrown)) throw thrown
    throw unavailable(address, source === 'local' ? 'nobody answers; is `npm start` running, with its studio at its usual port?' : 'nobody answers, or not to pages of this origin (CORS)', thrown)
  } finally {
    deadline.clear()
  }
}

interface Addressed {
  readonly address: string
  /** SHA-256 of what is there, in base64; absent: whatever it is. */
  readonly integrity?: string | undefined
}

function findAddress(source: string | URL): Addressed {
  const text = String(source)
  if (Object.hasOwn(addresses, text)) return { address: addresses[text] as string }
  const at = text.indexOf('#')
  if (at >= 0) {
    const integrity = integrityFragment.exec(text.slice(at))?.[1]
    if (integrity !== undefined) return { address: text.slice(0, at), integrity }
    throw new StreamflowError('InvalidArgument', `network: behind # the hash of what is there is expected, as sha256- and 44 characters of base64, got '${text.slice(at, at + 40)}'`, { data: { option: 'network' } })
  }
  // What has neither a slash nor a dot is meant as a name.
  if (/[/.]/.test(text)) return { address: text }
  const names = Object.keys(addresses).join(', ')
  throw new StreamflowError('InvalidArgument', `network: expected a description, its address, or a name (${names}), got '${text.slice(0, 40)}'`, { data: { option: 'network', names } })
}

function readDescription(address: string, text: string, integrity: string | undefined): Network {
  if (text.length > maxLength) throw unavailable(address, `${text.length} characters are there, and a description has ${maxLength} at most`)
  // Servers of single-page applications answer so to every address that they do not know.
  if (/^\s*</.test(text)) throw unavailable(address, 'an HTML page is there instead of JSON: the file lies elsewhere, or the server answers its start page for files that it does not have')
  if (integrity !== undefined && computeIntegrity(text) !== integrity) throw unavailable(address, `what is there is not what was asked for: its hash is sha256-${computeIntegrity(text)}`)
  try {
    return parseNetwork(text)
  } catch (thrown) {
    throw unavailable(address, `what is there is no description of a network (${(thrown as Error).message})`, thrown)
  }
}

const computeIntegrity = (text: string): string => btoa(String.fromCharCode(...sha256(new TextEncoder().encode(text))))

function unavailable(address: string, why: string, cause?: unknown): StreamflowError {
  return new StreamflowError('NetworkUnavailable', `${address}: ${why}`, { data: { address }, ...(cause !== undefined && { cause }) })
}
