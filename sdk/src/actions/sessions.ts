/** The sessions of this page or process: what is allowed, what is spent, and taking it back. */

import { ticketBrokerRevokeGrantFunction } from '@streamflow/contracts'
import { getBroker } from '../chain/contracts/broker.js'
import { callContract } from '../chain/contracts/contract.js'
import { getDomain, type Network } from '../chain/network.js'
import type { TransactionResult } from '../chain/sendCall.js'
import type { WalletSource } from '../chain/wallet.js'
import { StreamflowError } from '../errors/StreamflowError.js'
import { hashGrant, type SessionGrant } from '../payments/grant.js'
import { createBrowserSessionStore } from '../session/createBrowserSessionStore.js'
import type { SessionStore } from '../session/sessionStore.js'
import { bytesToHex, isSameHex, type Address, type Hex } from '../units/hex.js'

/** A session, without its key. Amounts in wei. */
export interface SessionSummary {
  /** Address of the key. */
  readonly id: Address
  readonly sender: Address
  /** Name of the grant on chain. */
  readonly grantHash: Hex
  readonly spendCap: bigint
  /** Of the escrow that may burn for its tickets. */
  readonly escrowCap: bigint
  /** Expected value signed away or set aside. */
  readonly spent: bigint
  /** Unix seconds. */
  readonly validUntil: number
  readonly state: 'usable' | 'spent' | 'expired' | 'revoked'
}

/** Which sessions. */
export interface SessionsOptions {
  readonly network: Network
  /** Only of this wallet. */
  readonly sender?: Address
  /** @default the page's IndexedDB */
  readonly sessionStore?: SessionStore
}

/** Sessions of a network that are kept here, the latest expiry first. @throws {@link StreamflowError} `Unsupported` without storage */
export async function listSessions({ network, sender, sessionStore }: SessionsOptions): Promise<readonly SessionSummary[]> {
  const store = sessionStore ?? (await createBrowserSessionStore())
  const domain = getDomain(network)
  const nowSeconds = Date.now() / 1_000
  return (await store.list())
    .filter((session) => session.domain.chainId === domain.chainId && isSameHex(session.domain.ticketBroker, domain.ticketBroker))
    .filter(({ grant }) => sender === undefined || isSameHex(grant.sender, sender))
    .map(({ id, grant, usage }) => ({
      id,
      sender: grant.sender,
      grantHash: bytesToHex(hashGrant(domain, grant)),
      spendCap: grant.spendCap,
      escrowCap: grant.escrowCap,
      spent: usage.spent,
      validUntil: grant.validUntil,
      state: usage.isRevoked ? ('revoked' as const) : grant.validUntil <= nowSeconds ? ('expired' as const) : usage.spent >= grant.spendCap ? ('spent' as const) : ('usable' as const),
    }))
    .sort((a, b) => b.validUntil - a.validUntil)
}

/** As the broker's ABI wants it. */
function toGrantStruct({ sender, key, spendCap, escrowCap, validUntil, salt }: SessionGrant): Omit<SessionGrant, 'validUntil'> & { readonly validUntil: bigint } {
  return { sender, key, spendCap, escrowCap, validUntil: BigInt(validUntil), salt }
}

/** Which session to take back, and who may. */
export interface RevokeSessionOptions {
  readonly network: Network
  readonly id: Address
  /** The wallet that granted it. Without it the key is only forgotten here: enough where nobody else has it. */
  readonly wallet?: WalletSource
  /** @default the page's IndexedDB */
  readonly sessionStore?: SessionStore
  readonly signal?: AbortSignal
}

/**
 * Takes a session back. Its key is not used again from this moment on, whatever the chain says; with a wallet the broker
 * is told too: tickets of later rounds are void then.
 * @returns the transaction, if there was one
 * @throws {@link StreamflowError} `GrantInvalid` if there is no such session; `WalletRejected`, `ChainReverted`, …
 */
export async function revokeSession({ network, id, wallet, sessionStore, signal }: RevokeSessionOptions): Promise<TransactionResult | undefined> {
  const store = sessionStore ?? (await createBrowserSessionStore())
  const session = (await store.list()).find((candidate) => isSameHex(candidate.id, id))
  if (session === undefined) throw new StreamflowError('GrantInvalid', `no session of key ${id}`)
  await store.update(session.id, (usage) => ({ ...usage, isRevoked: true }))
  if (wallet === undefined) {
    await store.remove(session.id)
    return undefined
  }
  return callContract({ network, wallet, ...(signal && { signal }) }, getBroker(network), { fragment: ticketBrokerRevokeGrantFunction, args: [toGrantStruct(session.grant)] })
}
