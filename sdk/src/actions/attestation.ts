/** The committee that judges exact services: who is in it, what it is asked, and its answer. */

import {
  attestationVerifierAttestationRequestedEvent, attestationVerifierAttestersFunction, attestationVerifierAttestFunction, attestationVerifierThresholdFunction, serviceRegistryIsSignerAtFunction,
  serviceRegistrySignerOfFunction,
} from '@streamflow/contracts'
import { decodeEventLog, encodeEventTopics } from 'viem'
import type { ReadOptions } from '../chain/broker.js'
import { getAttestationVerifier } from '../chain/contracts/attestationVerifier.js'
import { callContract, type SendOptions } from '../chain/contracts/contract.js'
import type { Network } from '../chain/network.js'
import { readContract } from '../chain/readContract.js'
import { findBlockSince, getBlockNumber, readLogs } from '../chain/readLogs.js'
import { getRpc } from '../chain/rpc.js'
import type { TransactionResult } from '../chain/sendCall.js'
import { verdictNumbers, type VerdictName } from '../payments/verdict.js'
import { decodeEvidenceNotice } from '../protocol/evidenceNotice.js'
import type { Address, Hex } from '../units/hex.js'

interface NetworkRead extends ReadOptions {
  readonly network: Network
}

/** Who judges. Addresses in lower case. */
export interface Committee {
  /** So many members must sign the same verdict. */
  readonly threshold: number
  /** With the key whose signature is each one's own. */
  readonly members: readonly { readonly attester: Address; readonly signer: Address }[]
}

/** A challenge that the committee was asked about. */
export interface AttestationRequest {
  readonly challengeId: Hex
  readonly orchestrator: Address
  readonly challenger: Address
  /** Where its evidence is to be had, by the challenger. */
  readonly urls: readonly string[]
}

const lower = (account: Address): Address => account.toLowerCase() as Address
/** So many blocks are read again: one that was not the last word may have been replaced. */
const settledBlocks = 64n

/** The committee as it is now. @throws {@link StreamflowError} `InvalidArgument`, `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function getCommittee({ network, signal }: NetworkRead): Promise<Committee> {
  const rpc = getRpc(network)
  const { address } = getAttestationVerifier(network)
  const [threshold, attesters] = await Promise.all([
    readContract(rpc, { address, fragment: attestationVerifierThresholdFunction, args: [], signal }),
    readContract(rpc, { address, fragment: attestationVerifierAttestersFunction, args: [], signal }),
  ])
  const members = await Promise.all(attesters.map(async (attester) => ({
    attester: lower(attester),
    signer: lower(await readContract(rpc, { address: network.contracts.serviceRegistry, fragment: serviceRegistrySignerOfFunction, args: [attester], signal })),
  })))
  return { threshold: Number(threshold), members }
}

/**
 * What the committee was asked, oldest first.
 * @param options.from - a block, or a moment as unix seconds
 * @returns with the block to go on from
 * @throws {@link StreamflowError} `InvalidArgument`, `ChainUnavailable`, `ChainReverted`, `Aborted`
 */
export async function listAttestationRequests({ network, from, signal }: NetworkRead & { readonly from: { readonly block: bigint } | { readonly unixSeconds: number } }): Promise<{ readonly requests: readonly AttestationRequest[]; readonly nextBlock: bigint }> {
  const { address } = getAttestationVerifier(network)
  const event = attestationVerifierAttestationRequestedEvent
  const latest = await getBlockNumber(network, { signal })
  const fromBlock = 'block' in from ? from.block : await findBlockSince(network, from.unixSeconds, { signal })
  const logs = await readLogs(network, { address, topics: [encodeEventTopics({ abi: [event] })], fromBlock, toBlock: latest, signal })
  const requests = logs.map(({ data, topics }) => {
    const { challengeId, orchestrator, challenger, evidence } = decodeEventLog({ abi: [event], data, topics: [...topics] }).args
    return { challengeId, orchestrator: lower(orchestrator), challenger: lower(challenger), urls: decodeEvidenceNotice(evidence) }
  })
  return { requests, nextBlock: latest > settledBlocks ? latest - settledBlocks : 0n }
}

/** Whether a key signed for an orchestrator in a round. @throws {@link StreamflowError} `ChainUnavailable`, `ChainReverted`, `Aborted` */
export async function isSignerAt({ network, orchestrator, key, round, signal }: NetworkRead & { readonly orchestrator: Address; readonly key: Address; readonly round: bigint }): Promise<boolean> {
  return readContract(getRpc(network), { address: network.contracts.serviceRegistry, fragment: serviceRegistryIsSignerAtFunction, args: [orchestrator, key, round], signal })
}

/**
 * Hands in what members signed. Anyone may.
 * @param options.attestations - of one verdict, each member's once
 * @throws {@link StreamflowError} `WalletRejected`, `ChainReverted` if they are too few, or it was answered, …
 */
export async function submitVerdict({ challengeId, verdict, attestations, ...options }: SendOptions & {
  readonly challengeId: Hex
  readonly verdict: VerdictName
  readonly attestations: readonly { readonly attester: Address; readonly signature: Hex }[]
}): Promise<TransactionResult> {
  const ascending = [...attestations].sort((a, b) => (lower(a.attester) < lower(b.attester) ? -1 : 1))
  const args = [challengeId, verdictNumbers[verdict], ascending.map(({ attester }) => attester), ascending.map(({ signature }) => signature)] as const
  return callContract(options, getAttestationVerifier(options.network), { fragment: attestationVerifierAttestFunction, args })
}
