/** The accounts of streams that are in memory, and the nonce windows of the keys that pay them. Disk is the truth. */

import { emptyAccount, type Account, type SignedQuote } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import type { Ledger, LedgerWrite, OwnedStream, ReceiptRecord, SegmentRecord, StreamRecord } from './ledger.js'
import { createNonceWindow, type NonceWindow } from './nonceWindow.js'
import type { TicketParameters } from './quotes.js'
import type { StandingName } from './standings.js'

type Hex = `0x${string}`

/** A segment that is open, or was changed and is not on disk yet. */
export interface LiveSegment {
  record: SegmentRecord
  receipt?: ReceiptRecord
  /** Resolves when its latest change is durable. */
  saved: Promise<void>
}

/** What a stream agreed to. */
export interface AccountTerms {
  readonly streamId: Hex
  /** Lower case. */
  readonly sender: Hex
  readonly serviceId: Hex
  readonly grant: SignedGrant
  readonly grantHash: Hex
  readonly pricePerMillionPixels: bigint
  readonly pricePerMillionInputPixels: bigint
  readonly ladderHash: Hex
  readonly openedAt: number
}

/** A stream's account in memory. Sums as in {@link StreamRecord}. */
export interface AccountState {
  terms: AccountTerms
  account: Account
  variance: bigint
  won: bigint
  segments: number
  tickets: number
  withheld: bigint
  isCarried: boolean
  /** Its stream is open in this process. */
  isRunning: boolean
  /** Ended streams whose left-overs it takes with its first ticket; undefined until it was told. */
  promised?: readonly Hex[]
  readonly live: Map<string, LiveSegment>
  nonces: NonceWindow
  /** What its latest ticket named, or its quote. */
  parameters: TicketParameters
  /** Sent with each receipt until a ticket names it. */
  nextQuote?: SignedQuote
  lastUsedAt: number
}

/** Of a stream whose tickets nobody has seen since the process started: never due. */
const unknownParameters: TicketParameters = { recipientRandHash: `0x${'0'.repeat(64)}`, seed: `0x${'f'.repeat(64)}`, validUntil: Number.MAX_SAFE_INTEGER }

/** Names a segment within its stream. */
export function nameSegment(segment: { readonly seq: number; readonly attempt: number }): string {
  return `${segment.seq}/${segment.attempt}`
}

/** The record of an account as it stands. */
export function recordStream({ terms, account, variance, won, segments, tickets, withheld, isCarried }: AccountState, nowSeconds: number): StreamRecord {
  const { streamId, sender, serviceId, grantHash, pricePerMillionPixels, pricePerMillionInputPixels, ladderHash, openedAt } = terms
  const { credited, charged } = account
  return { streamId, sender, serviceId, grantHash, pricePerMillionPixels, pricePerMillionInputPixels, ladderHash, credited, charged, variance, won, segments, tickets, openedAt, updatedAt: Math.floor(nowSeconds), withheld, isCarried }
}

/** The change that saves a key's used nonces. */
export function recordNonces(key: Hex, { highest, bits }: NonceWindow): LedgerWrite {
  return { kind: 'nonces', record: { key, highest, bits: bits.slice() } }
}

/** Names a stream among those of all senders. */
function nameStream({ sender, streamId }: OwnedStream): string {
  return `${sender}/${streamId}`
}

/** Accounts by stream. */
export class Accounts {
  readonly #ledger: Ledger
  readonly #states = new Map<string, AccountState>()
  readonly #windows = new Map<Hex, NonceWindow>()

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  /** The account of a stream that was opened once, from memory or disk. */
  find(stream: OwnedStream, nowSeconds: number): AccountState | undefined {
    const name = nameStream(stream)
    const known = this.#states.get(name)
    if (known !== undefined) {
      known.lastUsedAt = nowSeconds
      return known
    }
    const record = this.#ledger.getStream(stream)
    const grant = record && this.#ledger.getGrant(record.grantHash)
    if (record === undefined || grant === undefined) return undefined
    const state = this.#restore(record, grant, nowSeconds)
    this.#states.set(name, state)
    return state
  }

  /** Opens an account, or gives one that exists new terms; what was agreed last is what counts. */
  open(terms: AccountTerms, parameters: TicketParameters, nowSeconds: number): AccountState {
    const known = this.find(terms, nowSeconds)
    if (known !== undefined) {
      known.terms = { ...terms, openedAt: known.terms.openedAt }
      known.nonces = this.#getWindow(terms.grant.key)
      known.parameters = parameters
      // What it leaves over from now on is to be carried too.
      Object.assign(known, { isCarried: false, isRunning: true } satisfies Partial<AccountState>)
      delete known.nextQuote
      return known
    }
    const state: AccountState = {
      terms,
      account: emptyAccount,
      variance: 0n,
      won: 0n,
      segments: 0,
      tickets: 0,
      withheld: 0n,
      isCarried: false,
      isRunning: true,
      live: new Map(),
      nonces: this.#getWindow(terms.grant.key),
      parameters,
      lastUsedAt: nowSeconds,
    }
    this.#states.set(nameStream(terms), state)
    return state
  }

  /** Whether a stream that is open was told that it takes over what this one leaves. */
  isPromised({ sender, streamId }: OwnedStream): boolean {
    return [...this.#states.values()].some(({ isRunning, promised, terms }) => isRunning && terms.sender === sender && promised?.includes(streamId))
  }

  /** What the accounts in memory are paid by. */
  *listStandings(): Generator<StandingName> {
    for (const { terms } of this.#states.values()) yield { sender: terms.sender, grantHash: terms.grantHash, key: terms.grant.key }
  }

  /** Forgets what memory knows, of these senders or of all; disk is read again. */
  reset(senders?: ReadonlySet<Hex>): void {
    if (senders === undefined) {
      this.#states.clear()
      this.#windows.clear()
      return
    }
    const lost = [...this.#states].filter(([, { terms }]) => senders.has(terms.sender))
    for (const [name, { terms }] of lost) {
      this.#states.delete(name)
      this.#windows.delete(terms.grant.key)
    }
    // Their streams go on.
    for (const [, { terms, lastUsedAt, isRunning, parameters }] of lost) Object.assign(this.find(terms, lastUsedAt) ?? {}, { isRunning, parameters })
  }

  /** Another process may have used this key meanwhile: its nonces are read again when a stream opens. */
  forgetNonces(key: Hex): void {
    this.#windows.delete(key)
  }

  /** Drops accounts that nobody used since `before` and that have nothing under way. */
  evictIdle(before: number): void {
    const keys = new Set<Hex>()
    for (const [name, { lastUsedAt, live, terms }] of this.#states) {
      if (lastUsedAt < before && live.size === 0) this.#states.delete(name)
      else keys.add(terms.grant.key)
    }
    for (const key of this.#windows.keys()) if (!keys.has(key)) this.#windows.delete(key)
  }

  #getWindow(key: Hex): NonceWindow {
    let window = this.#windows.get(key)
    if (window === undefined) this.#windows.set(key, (window = createNonceWindow(this.#ledger.getNonces(key))))
    return window
  }

  #restore(record: StreamRecord, grant: SignedGrant, nowSeconds: number): AccountState {
    const { streamId, sender, serviceId, grantHash, pricePerMillionPixels, pricePerMillionInputPixels, ladderHash, openedAt, credited, charged, variance, won, segments, tickets, withheld, isCarried } = record
    const live = new Map<string, LiveSegment>()
    let reserved = withheld
    for (const segment of this.#ledger.getOpenSegments(record)) {
      live.set(nameSegment(segment), { record: segment, saved: Promise.resolve() })
      reserved += segment.estimate
    }
    return {
      terms: { streamId, sender, serviceId, grant, grantHash, pricePerMillionPixels, pricePerMillionInputPixels, ladderHash, openedAt },
      account: { credited, charged, reserved },
      variance,
      won,
      segments,
      tickets,
      withheld,
      isCarried,
      isRunning: false,
      live,
      nonces: this.#getWindow(grant.key),
      // Unknown until the next ticket; until then nothing rotates.
      parameters: unknownParameters,
      lastUsedAt: nowSeconds,
    }
  }
}
