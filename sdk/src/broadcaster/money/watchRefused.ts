/**
 * Refused tickets are signed all the same: tells of what an orchestrator could still redeem of them, and leaves one that
 * does.
 */

import { getRpc } from '../../chain/rpc.js'
import { StreamflowError, toStreamflowError } from '../../errors/StreamflowError.js'
import type { Address, Hex } from '../../units/hex.js'
import type { Site } from '../delivery/createSite.js'
import type { StreamContext } from '../streamContext.js'

/** Money that is where it should not be. */
export interface Alert {
  /** `refused-value`: tickets that an orchestrator refused, and may still redeem. `refused-redeemed`: it did redeem one. */
  readonly kind: 'refused-value' | 'refused-redeemed'
  readonly orchestrator: Address
  /** wei; of refused tickets what they are worth on average, of a redeemed one what was paid. */
  readonly value: bigint
  /** EIP-712 digests: names on chain. */
  readonly tickets: readonly Hex[]
}

interface WatchOptions {
  readonly context: StreamContext
  readonly readSites: () => readonly Site[]
  readonly onAlert: (alert: Alert) => void
  /** Nobody to deal with. */
  readonly onThief: (orchestrator: Address, error: StreamflowError) => void
  readonly onWarning: (error: StreamflowError) => void
  readonly intervalMs: number
  readonly signal: AbortSignal
}

/** Starts watching. @returns ends it */
export function watchRefused({ context, readSites, onAlert, onThief, onWarning, intervalMs, signal }: WatchOptions): () => void {
  const { network, session } = context
  const { sender } = session.grant
  /** What was told last of each. */
  const told = new Map<Address, string>()
  const redeemed = new Set<Hex>()
  /** Nothing was redeemed before the broadcast began. */
  let fromBlock: bigint | undefined
  let isLooking = false

  const tellValue = ({ orchestrator, purse }: Site): void => {
    const { refused } = purse
    const tickets = refused.map(({ hash }) => hash)
    const key = tickets.join()
    if ((told.get(orchestrator) ?? '') === key) return
    told.set(orchestrator, key)
    if (refused.length > 0) onAlert({ kind: 'refused-value', orchestrator, value: refused.reduce((sum, { value }) => sum + value, 0n), tickets })
  }
  const listRefused = (): readonly Hex[] => readSites().flatMap(({ purse }) => purse.refused.map(({ hash }) => hash))
  const lookAtChain = async (): Promise<void> => {
    fromBlock ??= BigInt((await getRpc(network).request('eth_blockNumber', [], { signal })) as Hex)
    const ticketHashes = listRefused().filter((hash) => !redeemed.has(hash))
    if (ticketHashes.length === 0) return
    const { getRedemptions } = await import('../../chain/redemptions.js') // with the ABI codec; seldom needed
    for (const { orchestrator, ticketHash, paid } of await getRedemptions(network, { sender, fromBlock, ticketHashes, signal })) {
      if (!listRefused().includes(ticketHash)) continue // it was sent again and taken meanwhile
      redeemed.add(ticketHash)
      onAlert({ kind: 'refused-redeemed', orchestrator, value: paid, tickets: [ticketHash] })
      onThief(orchestrator, new StreamflowError('TicketsUnsettled', `a ticket that it refused was redeemed for ${paid} wei`, { data: { orchestrator, ticketHash, paid } }))
    }
  }
  const look = async (): Promise<void> => {
    if (isLooking) return
    isLooking = true
    try {
      readSites().forEach(tellValue)
      await lookAtChain()
    } catch (thrown) {
      if (!signal.aborted && listRefused().length > 0) onWarning(toStreamflowError(thrown, 'ChainUnavailable'))
    } finally {
      isLooking = false
    }
  }
  void look()
  const timer = setInterval(() => void look(), intervalMs)
  return () => clearInterval(timer)
}
