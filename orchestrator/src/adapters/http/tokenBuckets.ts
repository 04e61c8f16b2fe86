/** Token buckets by key, in bounded memory: how often somebody may ask. */

interface Bucket {
  tokens: number
  atMs: number
}

/** The rate of every bucket. */
export interface Rate {
  /** Tokens per second. */
  readonly perSecond: number
  /** Tokens of a full bucket. */
  readonly burst: number
}

/** Keys remembered at once; the one used longest ago is forgotten first. */
const maxKeys = 50_000

export class TokenBuckets {
  readonly #rate: Rate
  readonly #buckets = new Map<string, Bucket>()

  constructor(rate: Rate) {
    this.#rate = rate
  }

  /**
   * Takes one token.
   * @returns 0 if there was one, else milliseconds until there will be
   */
  take(key: string, nowMs: number): number {
    const { perSecond, burst } = this.#rate
    const known = this.#buckets.get(key)
    const tokens = known === undefined ? burst : Math.min(burst, known.tokens + (Math.max(0, nowMs - known.atMs) / 1_000) * perSecond)
    const isTaken = tokens >= 1
    this.#buckets.delete(key)
    this.#buckets.set(key, { tokens: isTaken ? tokens - 1 : tokens, atMs: nowMs })
    if (this.#buckets.size > maxKeys) {
      const [oldest] = this.#buckets.keys()
      if (oldest !== undefined) this.#buckets.delete(oldest)
    }
    return isTaken ? 0 : Math.ceil(((1 - tokens) / perSecond) * 1_000)
  }
}

/** What stands for a client: its IPv4 address, or the /64 of its IPv6 address, which one household or server has whole. */
export function nameClient(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  if (!address.includes(':')) return address
  const [head = '', tail] = address.toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = tail === undefined ? left : [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right]
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
