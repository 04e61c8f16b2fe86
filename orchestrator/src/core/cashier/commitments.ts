/**
 * Commitments to `recipientRand` without state per quote: the number is an HMAC over everything the quote promises, so
 * whoever alters a parameter names a commitment that does not exist. Secrets live by epoch and are kept, so a restart
 * voids nothing. The seed begins with the epoch (four bytes) and the time at which the commitment ends (five): when new ones
 * are given out hangs on the clock alone, never on who won. A ticket that was long under way is good as long as nobody
 * outside knows the number: it was signed without it.
 */

import { createHmac } from 'node:crypto'
import type { Domain, SignedQuote } from '@streamflow/sdk/payments'
import { BoundedMap } from './BoundedMap.js'
import type { Ledger, RetiredCommitment, SecretRecord } from './ledger.js'
import type { Surroundings } from './policy.js'
import type { TicketVerifier } from './signer.js'

type Hex = `0x${string}`

/** What a commitment binds. */
export interface CommittedTerms {
  readonly sender: Hex
  readonly seed: Hex
  readonly faceValue: bigint
  readonly feeShare: number
  readonly creationRound: bigint
  /** Unix seconds. */
  readonly validUntil: number
}

/** The number and its hash. */
export interface Commitment {
  /** 32 bytes. */
  readonly recipientRand: Uint8Array
  readonly randHash: Hex
}

/** Domain tag, 32 bytes of ASCII: the secret signs nothing else. */
const tag = Buffer.from('streamflow recipientRand v1'.padEnd(32, '\0'), 'latin1')
const words = 9
/** Where a seed holds the end of its commitment, unix seconds. */
const endOffset = 4
const endBytes = 5

/** Unix seconds from which the number of a seed's commitment may be shown: with that it is retired. */
export function readCommitmentEnd(seed: Hex): number {
  return Number.parseInt(seed.slice(2 + 2 * endOffset, 2 + 2 * (endOffset + endBytes)), 16)
}

function readEpoch(seed: Hex): number {
  return Number.parseInt(seed.slice(2, 2 + 2 * endOffset), 16)
}

/** Unix seconds: a commitment lives through the interval it is made in and the next one. */
export function computeCommitmentEnd(nowSeconds: number, rotation: number): number {
  return (Math.floor(nowSeconds / rotation) + 2) * rotation
}

/** What tells a commitment's age. */
export type CommitmentName = Pick<SignedQuote, 'recipientRandHash' | 'seed'>

/** Computed commitments that are kept: those of the streams that are live. */
const cacheSize = 8_192
/** Seconds that retired commitments are remembered beyond their end: no step back of the clock makes one usable again. */
export const retiredKeep = 24 * 3_600
/** Seconds after which a new secret is begun. */
const epochLife = 7 * 24 * 3_600
/** A restored ledger leaves out the epochs that may have begun after the copy was made: their names would come twice. */
const epochLeap = 1_000

/** Fixed-width ABI encoding: nine words. */
export function encodeTerms(domain: Domain, terms: CommittedTerms): Buffer {
  const bytes = Buffer.alloc(32 * words)
  tag.copy(bytes)
  bytes.writeBigUInt64BE(BigInt(domain.chainId), 32 + 24)
  bytes.write(domain.ticketBroker.slice(2), 64 + 12, 20, 'hex')
  bytes.write(terms.sender.slice(2), 96 + 12, 20, 'hex')
  bytes.write(terms.seed.slice(2), 128, 32, 'hex')
  bytes.write(terms.faceValue.toString(16).padStart(64, '0'), 160, 32, 'hex')
  bytes.writeUInt32BE(terms.feeShare, 192 + 28)
  bytes.write(terms.creationRound.toString(16).padStart(64, '0'), 224, 32, 'hex')
  bytes.writeBigUInt64BE(BigInt(terms.validUntil), 256 + 24)
  return bytes
}

interface CommitmentsOptions extends Surroundings {
  readonly domain: Domain
  readonly ledger: Ledger
  readonly verifier: TicketVerifier
}

/** Makes, recomputes and retires commitments. */
export class Commitments {
  readonly #options: CommitmentsOptions
  readonly #secrets = new Map<number, SecretRecord>()
  #latest: SecretRecord | undefined
  /** Resolves when the secret of the latest epoch is on disk: nothing derived from it may leave before. */
  #saved: Promise<void> = Promise.resolve()
  readonly #retired = new Map<Hex, RetiredCommitment>()
  readonly #cache = new BoundedMap<Hex, { readonly terms: CommittedTerms; readonly commitment: Commitment }>(cacheSize)

  constructor(options: CommitmentsOptions) {
    this.#options = options
    this.reload()
  }

  /** Reads again what is on disk. */
  reload(): void {
    const { ledger, now } = this.#options
    this.#secrets.clear()
    this.#latest = undefined
    this.#saved = Promise.resolve()
    this.takeSecrets()
    this.#retired.clear()
    for (const record of ledger.getRetired(now() - retiredKeep)) this.#retired.set(record.randHash, record)
  }

  /**
   * Takes the secrets that the ledger holds, also those that other processes of this identity made. They share them: what makes a
   * number unique is its seed, and whose tickets name it is bound in it.
   */
  takeSecrets(): void {
    for (const record of this.#options.ledger.getSecrets()) {
      this.#secrets.set(record.epoch, record)
      if (record.epoch >= (this.#latest?.epoch ?? 0)) this.#latest = record
    }
  }

  /**
   * A seed of the current epoch, which begins a new one when it is time; resolves when the epoch's secret is durable.
   * @param end - see {@link computeCommitmentEnd}
   */
  async createSeed(end: number): Promise<Hex> {
    const { now, randomBytes, ledger } = this.#options
    if (this.#latest === undefined || this.#latest.isVoid || now() - this.#latest.createdAt > epochLife) {
      const epoch = (this.#latest?.epoch ?? 0) + (this.#latest?.isVoid === true ? epochLeap : 1)
      const record = { epoch, secret: randomBytes(32), createdAt: Math.floor(now()), isVoid: false }
      this.#secrets.set(record.epoch, record)
      this.#latest = record
      // Another process may have begun the same epoch a moment before: then its secret is the one.
      this.#saved = ledger.write([{ kind: 'secret', record }]).then(() => this.takeSecrets())
    }
    const { epoch } = this.#latest
    await this.#saved
    const seed = Buffer.from(randomBytes(32))
    seed.writeUInt32BE(epoch)
    seed.writeUIntBE(end, endOffset, endBytes)
    return `0x${seed.toString('hex')}`
  }

  /** The commitment to these terms, or undefined if the seed is of no known epoch. */
  compute(terms: CommittedTerms): Commitment | undefined {
    const cached = this.#cache.get(terms.seed)
    if (cached !== undefined && isSame(cached.terms, terms)) return cached.commitment
    const secret = this.#secrets.get(readEpoch(terms.seed))
    if (secret === undefined || secret.isVoid) return undefined
    const recipientRand = createHmac('sha256', secret.secret).update(encodeTerms(this.#options.domain, terms)).digest()
    const commitment = { recipientRand, randHash: this.#options.verifier.computeRandHash(recipientRand) }
    this.#cache.set(terms.seed, { terms, commitment })
    return commitment
  }

  /** Whether no ticket should be signed under this commitment any more: its number may be shown at any moment. */
  isOver(name: CommitmentName, nowSeconds: number): boolean {
    return nowSeconds >= readCommitmentEnd(name.seed) || this.isRetired(name)
  }

  /** Whether tickets under this commitment are taken no more, whatever the clock says: its number was shown, or may have been. */
  isRetired({ recipientRandHash, seed }: CommitmentName): boolean {
    return this.#retired.has(recipientRandHash) || this.#secrets.get(readEpoch(seed))?.isVoid === true
  }

  /** Retires a commitment for good, from now on; the caller writes the record it returns, before the number is shown. */
  retire(record: RetiredCommitment): RetiredCommitment {
    this.#retired.set(record.randHash, record)
    return record
  }

  /** Forgets what no ticket can name any more. */
  prune(nowSeconds: number): void {
    for (const [randHash, { validUntil }] of this.#retired) if (validUntil + retiredKeep < nowSeconds) this.#retired.delete(randHash)
  }
}

function isSame(a: CommittedTerms, b: CommittedTerms): boolean {
  return a.faceValue === b.faceValue && a.validUntil === b.validUntil && a.creationRound === b.creationRound && a.feeShare === b.feeShare && a.sender === b.sender && a.seed === b.seed
}
