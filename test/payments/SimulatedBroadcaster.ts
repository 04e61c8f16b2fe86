// A broadcaster that pays as the SDK does: one ticket per segment, worth what its own copy of the account lacks.
import { computeBalance, computeRequiredValue, computeSegmentFee, computeWinProb, emptyAccount, hashGrant, hashTicket, openSegment, services, settleSegment, type Account, type Domain, type KeySigner, type SignedQuote, type Work } from '@streamflow/sdk/payments'
import type { SignedGrant, WireTicket } from '@streamflow/sdk/protocol'
import type { StreamTerms } from '../../orchestrator/src/core/payments.js'

type Hex = `0x${string}`

export interface BroadcasterOptions {
  readonly domain: Domain
  readonly recipient: Hex
  readonly wallet: KeySigner
  readonly sessionKey: KeySigner
  readonly streamId: Hex
  readonly spendCap?: bigint
  readonly escrowCap?: bigint
  readonly validUntil: number
  readonly salt?: Hex
}

/** Pixels of the source for each that is made, where it is not said; only counts where reading has a price. */
const sourceShare = 5n

export const simulatedLadder = [{ name: '360p', width: 640, height: 360, bitrate: 800_000 }]

export class SimulatedBroadcaster {
  readonly grant: SignedGrant
  readonly streamId: Hex
  account: Account = emptyAccount
  quote: SignedQuote | undefined
  nonce = 0n
  readonly options: BroadcasterOptions

  constructor(options: BroadcasterOptions) {
    this.options = options
    const { domain, wallet, sessionKey, streamId, spendCap = 10n ** 24n, escrowCap = spendCap, validUntil, salt = `0x${'0'.repeat(64)}` } = options
    this.streamId = streamId
    const grant = { sender: wallet.address, key: sessionKey.address, spendCap, escrowCap, validUntil, salt }
    this.grant = { ...grant, signature: wallet.sign(hashGrant(domain, grant)) }
  }

  get grantHash(): Hex {
    return `0x${Buffer.from(hashGrant(this.options.domain, this.grant)).toString('hex')}`
  }

  get terms(): StreamTerms {
    return { streamId: this.streamId, serviceId: services.Transcoding, grant: this.grant, quote: this.#quote, ladder: simulatedLadder }
  }

  get #quote(): SignedQuote {
    if (this.quote === undefined) throw new RangeError('no quote yet')
    return this.quote
  }

  /** A ticket that covers so much more work, with the next nonce. A number: output pixels, made of a source of up to {@link sourceShare} times as many. */
  sign(work: bigint | Work, change: Partial<WireTicket> = {}): WireTicket {
    return this.signValue(computeRequiredValue(this.account, this.price(work)), change)
  }

  /** wei */
  price(work: bigint | Work): bigint {
    return computeSegmentFee(this.#quote, typeof work === 'bigint' ? { pixels: work, inputPixels: work * sourceShare } : work)
  }

  /** A ticket worth at least `value` wei. */
  signValue(value: bigint, change: Partial<WireTicket> = {}): WireTicket {
    const { faceValue, recipientRandHash, creationRound, creationRoundBlockHash, feeShare, seed, validUntil } = this.#quote
    const wire = { faceValue, winProb: computeWinProb(faceValue, value), nonce: ++this.nonce, recipientRandHash, creationRound, creationRoundBlockHash, feeShare, seed, validUntil, ...change }
    const { domain, recipient, sessionKey } = this.options
    const { sender } = this.grant
    const ticket = { recipient, sender, grant: this.grantHash, faceValue: wire.faceValue, winProb: wire.winProb, nonce: wire.nonce, recipientRandHash: wire.recipientRandHash, creationRound: wire.creationRound, creationRoundBlockHash: wire.creationRoundBlockHash, feeShare: wire.feeShare }
    return { ...wire, signature: change.signature ?? sessionKey.sign(hashTicket(domain, ticket)) }
  }

  /** The orchestrator accepted a ticket for so much work. */
  opened(ticket: WireTicket, work: bigint | Work): void {
    const value = (ticket.faceValue * ticket.winProb) >> 256n
    this.account = openSegment(this.account, { value, estimate: this.price(work) })
  }

  /** A receipt came for a segment of which so much work was expected. */
  settled(work: bigint | Work, fee: bigint): void {
    this.account = settleSegment(this.account, { estimate: this.price(work), fee })
  }

  get balance(): bigint {
    return computeBalance(this.account)
  }
}
