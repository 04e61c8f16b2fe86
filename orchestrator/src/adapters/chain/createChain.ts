/** The chain for the cashier: cached looks at an interval, reads of senders, ERC-1271, and the redeemer's part. */

import { ticketBrokerSenderStandingFunction } from '@streamflow/contracts'
import type { KeySigner } from '@streamflow/sdk/payments'
import type { PublicClient } from 'viem'
import type { Chain, RedemptionChain, Standing } from '../../core/cashier/chain.js'
import { callChain, createChainClient, type ChainLocation } from './chainClient.js'
import { createRedemptionChain } from './createRedemptionChain.js'
import { readChainState } from './readChainState.js'
import { watchChain } from './watchChain.js'

type Hex = `0x${string}`

/** Options of {@link createChain}. */
export interface ChainOptions extends ChainLocation {
  /** The orchestrator's signer: pays for gas. */
  readonly signer: KeySigner
  /** The registered account: named in reads. @default the signer's own */
  readonly orchestrator?: Hex
  /** Milliseconds between looks. @default 4000 */
  readonly pollIntervalMs?: number
  /** Blocks on top of a redemption or of a round's beginning after which it is final. @default 6 */
  readonly confirmations?: number
  /** Told of failed looks; they are repeated. */
  readonly onTrouble?: (what: string, cause: unknown) => void
}

interface StandingReader {
  readonly client: PublicClient
  readonly ticketBroker: Hex
  readonly orchestrator: Hex
}

async function readStanding({ client, ticketBroker, orchestrator }: StandingReader, sender: Hex, grantHash: Hex, key: Hex): Promise<Standing> {
  // Asked first: what is read afterwards is at least as new.
  const block = await client.getBlockNumber({ cacheTime: 0 })
  const { info, lastingReserve, grant } = await client.readContract({ address: ticketBroker, abi: [ticketBrokerSenderStandingFunction], functionName: 'senderStanding', args: [sender, orchestrator, grantHash, key] })
  const { deposit, escrow, withdrawRound } = info
  return { deposit, escrow, withdrawRound, claimableReserve: lastingReserve, grantSpent: grant.spent, grantBurned: grant.escrowBurned, grantRegistered: grant.validUntil !== 0n, revocationRound: grant.revocationRound, block }
}

/** Connects to the chain; nothing is sent before something is asked. */
export function createChain(options: ChainOptions): Chain & RedemptionChain {
  const { signer, pollIntervalMs = 4_000, confirmations = 6, onTrouble = () => undefined } = options
  const client = createChainClient(options)
  const { ticketBroker } = options.contracts
  const { orchestrator = signer.address } = options
  const readState = () => callChain('reading the state of the chain', () => readChainState({ client, location: options, orchestrator, confirmations }))
  return {
    ...createRedemptionChain({ client, location: options, signer, orchestrator, confirmations, readState }),
    readStanding: (sender, grantHash, key) => callChain("reading a sender's standing", () => readStanding({ client, ticketBroker, orchestrator }, sender, grantHash, key)),
    watch: (listener) => watchChain({ client, ticketBroker, intervalMs: pollIntervalMs, readState, onTrouble }, listener),
  }
}
