/**
 * A session: a key that signs tickets within what the wallet allowed. An old one is used again while it is good
 * for what is asked; otherwise the wallet is asked, once. Nonces and spending are set aside in blocks that are on disk before the first of
 * a block is used: neither another tab nor a crash makes one be used twice.
 */

import type { Wallet } from '../chain/wallet.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import type { Domain } from '../payments/domain.js'
import { describeGrant, hashGrant, type SessionGrant } from '../payments/grant.js'
import { createKeySigner, createPrivateKey, recoverAddress, type KeySigner } from '../payments/signature.js'
import type { SignedGrant } from '../protocol/stream.js'
import { bytesToHex, isSameHex, type Address, type Hex } from '../units/hex.js'
import type { SessionStore, SessionUsage, StoredSession } from './sessionStore.js'

/** Nonces set aside at a time. Several tabs' blocks together stay far inside the orchestrators' window of nonces. */
const nonceBlock = 32n
/** Tickets' worth of spending set aside at a time. */
const spendBlock = 16n

/** What a broadcast may cost. */
export interface Budget {
  /** wei that tickets may be worth together, in this broadcast. */
  readonly spendCap: bigint
  /** wei that tickets of any hour of this broadcast may be worth; beyond, they are held back. @default no bound but `spendCap` */
  readonly perHour?: bigint
  /** wei that tickets for one orchestrator may be worth in this broadcast; beyond, the stream moves on. @default no bound but `spendCap` */
  readonly perOrchestrator?: bigint
  /** wei that a new grant may spend: more than `spendCap` where one approval is to do for several broadcasts. @default `spendCap` */
  readonly grantCap?: bigint
  /** wei of the escrow that may burn for tickets of a new grant. @default its cap: what is at stake is what may be spent */
  readonly escrowCap?: bigint
  /** Seconds that a new grant is good for; it is renewed before it ends. @default 14400 (4 hours) */
  readonly validForSeconds?: number
  /** Seconds for which a grant must still be good to be used again. @default half of `validForSeconds` */
  readonly coversSeconds?: number
  /**
   * Before a grant ends, or is spent while budget is left: `ask` asks the wallet for the next one, `tell` leaves that to
   * the page (event `approval`, `live.renew()`). @default 'ask'
   */
  readonly renewal?: 'ask' | 'tell'
}

/** A key that may sign, and the right to hand out its nonces. */
export interface Session {
  readonly grant: SignedGrant
  /** EIP-712 digest of the grant: its name on chain. */
  readonly grantHash: Hex
  readonly signer: KeySigner
  /** Whether the wallet was asked for it just now. */
  readonly isNew: boolean
  /** wei of expected value signed away through this object. */
  readonly spent: bigint
  /** wei that this object may still spend: of the budget and of the grant's cap, as known now. */
  readonly remaining: bigint
  /**
   * Takes the right to sign one ticket.
   * @param value - its expected value in wei
   * @returns a nonce that nobody else gets
   * @throws {@link StreamflowError} `SpendCapReached`, `GrantInvalid` if the grant is expired or revoked
   */
  reserve(value: bigint): Promise<bigint>
  /** Gives back what was set aside and not used. Idempotent. */
  close(): Promise<void>
}

/** What is needed to open a session. */
export interface SessionOptions {
  readonly domain: Domain
  readonly wallet: Wallet
  readonly store: SessionStore
  readonly budget: Budget
  /**
   * Puts a grant on chain. Called for one that is signed otherwise than by the wallet's own key: what a smart account says
   * may change, so orchestrators count its grant only once the broker has registered it.
   * @throws {@link StreamflowError} `WalletRejected`, `ChainReverted`, …
   */
  readonly register: (grant: SignedGrant) => Promise<unknown>
  /** The key of a session that is not to be used again. */
  readonly except?: Address
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
}

const defaultValidForSeconds = 4 * 3_600

/** Whether a session covers what is asked, to its end: in time and in money. */
function isReusable(session: StoredSession, { domain, wallet, budget, except, now = Date.now }: SessionOptions): boolean {
  const { grant, usage } = session
  const secondsLeft = grant.validUntil - now() / 1_000
  const { spendCap, validForSeconds = defaultValidForSeconds, coversSeconds = validForSeconds / 2 } = budget
  return (
    session.domain.chainId === domain.chainId &&
    isSameHex(session.domain.ticketBroker, domain.ticketBroker) &&
    isSameHex(grant.sender, wallet.address) &&
    !usage.isRevoked &&
    session.id !== except &&
    secondsLeft >= coversSeconds &&
    grant.spendCap - usage.spent >= spendCap
  )
}

/** Whether the broker takes the signature for the sender's own without asking its account: 65 bytes by the sender's key. */
function isOwnSignature(domain: Domain, { signature, ...grant }: SignedGrant): boolean {
  const signer = recoverAddress(hashGrant(domain, grant), signature)
  return signer !== undefined && isSameHex(signer, grant.sender)
}

async function grantSession({ domain, wallet, store, budget, register, now = Date.now }: SessionOptions): Promise<StoredSession> {
  const privateKey = createPrivateKey()
  const { address } = createKeySigner(privateKey)
  const { spendCap: broadcastCap, grantCap: spendCap = broadcastCap } = budget
  const grant: SessionGrant = {
    sender: wallet.address,
    key: address,
    spendCap,
    escrowCap: budget.escrowCap ?? spendCap,
    validUntil: Math.floor(now() / 1_000) + (budget.validForSeconds ?? defaultValidForSeconds),
    salt: bytesToHex(crypto.getRandomValues(new Uint8Array(32))),
  }
  const signed: SignedGrant = { ...grant, signature: (await wallet.signTypedData(describeGrant(domain, grant))).toLowerCase() as Hex }
  // Before it is kept: a session that is used again is one that orchestrators take.
  if (!isOwnSignature(domain, signed)) await register(signed)
  const session: StoredSession = {
    id: address,
    domain: { ...domain },
    grant: signed,
    privateKey,
    usage: { nextNonce: 0n, spent: 0n, isRevoked: false },
  }
  await store.add(session)
  return session
}

/** @throws {@link StreamflowError} `InvalidArgument` */
function assertBudget(budget: Budget): void {
  for (const option of ['spendCap', 'perHour', 'perOrchestrator', 'grantCap', 'validForSeconds'] as const) {
    const value = budget[option]
    if (value !== undefined && value <= 0) throw new StreamflowError('InvalidArgument', `budget.${option}: expected more than 0, got ${value}`, { data: { option: `budget.${option}` } })
  }
  const { spendCap, grantCap = spendCap } = budget
  if (grantCap < spendCap) throw new StreamflowError('InvalidArgument', `budget.grantCap: expected at least budget.spendCap of ${spendCap} wei, got ${grantCap}`, { data: { option: 'budget.grantCap' } })
}

/**
 * Finds a session that is still good, or asks the wallet for one approval (and, if it is a smart account, to register it). Two tabs that ask at once show one request.
 * @throws {@link StreamflowError} `WalletRejected`, `WalletUnavailable`, `WrongChain`, `InvalidArgument` if the budget is not positive; what `register` throws
 */
export async function openSession(options: SessionOptions): Promise<Session> {
  const { domain, wallet, store, budget } = options
  assertBudget(budget)
  let isNew = false
  const stored = await store.lock(`grant:${domain.chainId}:${domain.ticketBroker}:${wallet.address}`, async () => {
    const sessions = (await store.list()).filter((session) => isReusable(session, options))
    const best = sessions.sort((a, b) => b.grant.validUntil - a.grant.validUntil)[0]
    if (best !== undefined) return best
    isNew = true
    return grantSession(options)
  })
  return createSession(stored, options, isNew)
}

function createSession(stored: StoredSession, { domain, store, budget, now = Date.now }: SessionOptions, isNew: boolean): Session {
  const { grant } = stored
  let usage: SessionUsage = stored.usage
  let nonces = { next: 0n, end: 0n }
  /** wei set aside in the store and not yet spent here. */
  let allowance = 0n
  let spent = 0n
  /** Reservations run one after the other. */
  let tail: Promise<unknown> = Promise.resolve()
  let isClosed = false

  const lease = async (value: bigint): Promise<void> => {
    const needsNonces = nonces.next === nonces.end
    const missing = value > allowance ? value - allowance : 0n
    if (!needsNonces && missing === 0n) return
    let granted = 0n
    usage = await store.update(stored.id, (current) => {
      if (current.isRevoked) throw new StreamflowError('GrantInvalid', 'the session key was revoked')
      const free = grant.spendCap - current.spent
      if (missing > free) throw new StreamflowError('SpendCapReached', `the session key may spend ${free + allowance} wei more, ${value} are needed`, { data: { spendCap: grant.spendCap, spent: current.spent } })
      const wanted = missing === 0n ? 0n : missing + value * (spendBlock - 1n)
      granted = wanted < free ? wanted : free
      return { ...current, spent: current.spent + granted, nextNonce: current.nextNonce + (needsNonces ? nonceBlock : 0n) }
    })
    allowance += granted
    if (needsNonces) nonces = { next: usage.nextNonce - nonceBlock, end: usage.nextNonce }
  }

  const reserve = async (value: bigint): Promise<bigint> => {
    if (isClosed) throw new StreamflowError('GrantInvalid', 'the session was closed')
    if (grant.validUntil * 1_000 <= now()) throw new StreamflowError('GrantInvalid', 'the grant of the session key has expired', { data: { validUntil: grant.validUntil } })
    if (spent + value > budget.spendCap) throw new StreamflowError('SpendCapReached', `the budget of ${budget.spendCap} wei is spent`, { data: { option: 'budget.spendCap', spendCap: budget.spendCap, spent } })
    await lease(value)
    allowance -= value
    spent += value
    return nonces.next++
  }

  return {
    grant,
    grantHash: bytesToHex(hashGrant(domain, grant)),
    signer: createKeySigner(stored.privateKey),
    isNew,
    get spent() {
      return spent
    },
    get remaining() {
      const ofGrant = grant.spendCap - usage.spent + allowance
      const ofBudget = budget.spendCap - spent
      return ofGrant < ofBudget ? ofGrant : ofBudget
    },
    reserve(value) {
      const turn = tail.then(() => reserve(value))
      tail = turn.catch(() => undefined)
      return turn
    },
    async close() {
      await tail
      if (isClosed) return
      isClosed = true
      const unused = allowance
      allowance = 0n
      if (unused > 0n) await store.update(stored.id, (current) => ({ ...current, spent: current.spent - unused })).catch(() => undefined)
    },
  }
}
