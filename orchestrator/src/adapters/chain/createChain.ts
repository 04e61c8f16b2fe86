/** The chain for the cashier: cached looks at an interval, reads of senders, ERC-1271, and the redeemer's part. */

import { ticketBrokerSenderStandingFunction } from '@streamflow/contracts'
import { isStreamflowError } from '@streamflow/sdk/errors'
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
  /** The orchestrator's key: named in reads, pays for gas. */
  readonly signer: KeySigner
  /** Milliseconds between looks. @default 4000 */
  readonly pollIntervalMs?: number
  /** Blocks on top of a redemption after which it is final. @default 6 */
  readonly confirmations?: number
  /** Told of failed looks; they are repeated. */
  readonly onTrouble?: (what: string, cause: unknown) => void
}

const magicValue = '0x1626ba7e'
const isValidSignatureFunction = {
  type: 'function',
  name: 'isValidSignature',
  inputs: [
    { name: 'digest', type: 'bytes32' },
    { name: 'signature', type: 'bytes' },
  ],
  outputs: [{ name: '', type: 'bytes4' }],
  stateMutability: 'view',
} as const

interface StandingReader {
  readonly client: PublicClient
  readonly ticketBroker: Hex
  readonly orchestrator: Hex
}

async function readStanding({ client, ticketBroker, orchestrator }: StandingReader, sender: Hex, grantHash: Hex): Promise<Standing> {
  // Asked first: what is read afterwards is at least as new.
  const block = await client.getBlockNumber({ cacheTime: 0 })
  const { info, claimableReserve, grant } = await client.readContract({ address: ticketBroker, abi: [ticketBrokerSenderStandingFunction], functionName: 'senderStanding', args: [sender, orchestrator, grantHash] })
  const { deposit, escrow, withdrawRound } = info
  return { deposit, escrow, withdrawRound, claimableReserve, grantSpent: grant.spent, grantRegistered: !/^0x0+$/.test(grant.key), revocationRound: grant.revocationRound, block }
}

/** Connects to the chain; nothing is sent before something is asked. */
export function createChain(options: ChainOptions): Chain & RedemptionChain {
  const { signer, pollIntervalMs = 4_000, confirmations = 6, onTrouble = () => undefined } = options
  const client = createChainClient(options)
  const { ticketBroker } = options.contracts
  const orchestrator = signer.address
  const readState = () => callChain('reading the state of the chain', () => readChainState({ client, location: options, orchestrator }))
  return {
    ...createRedemptionChain({ client, location: options, signer, confirmations, readState }),
    readStanding: (sender, grantHash) => callChain("reading a sender's standing", () => readStanding({ client, ticketBroker, orchestrator }, sender, grantHash)),
    async isValidSignature(sender, digest, signature) {
      try {
        const answer = await callChain('asking ERC-1271', () => client.readContract({ address: sender, abi: [isValidSignatureFunction], functionName: 'isValidSignature', args: [digest, signature] }))
        return answer === magicValue
      } catch (cause) {
        if (isStreamflowError(cause) && cause.code === 'ChainReverted') return false // no contract, or one that refuses
        throw cause
      }
    },
    watch: (listener) => watchChain({ client, ticketBroker, intervalMs: pollIntervalMs, readState, onTrouble }, listener),
  }
}
