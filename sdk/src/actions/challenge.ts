/** A challenge with evidence: handed to those who judge, then opened on chain. */

import type { SendOptions } from '../chain/contracts/contract.js'
import { getDomain } from '../chain/network.js'
import { StreamflowError, toStreamflowError } from '../errors/StreamflowError.js'
import { attestationPaths, evidenceTakenSchema } from '../protocol/attestation.js'
import { encodeEvidence, hashEvidence, type Evidence } from '../protocol/evidence.js'
import { encodeEvidenceNotice } from '../protocol/evidenceNotice.js'
import { parseJson } from '../protocol/message.js'
import { createDeadline } from '../units/deadline.js'
import { isSameHex } from '../units/hex.js'
import { getChallengeTerms } from './getChallengeTerms.js'
import { openChallenge, type OpenChallengeResult } from './openChallenge.js'

/** How to challenge. */
export interface ChallengeOptions extends SendOptions {
  /** The most that is put up, wei: the network's bond must not be more. */
  readonly bond: bigint
  /** Servers of committee members: the evidence is handed to the first that takes it, and the others have it from there. */
  readonly attesters?: readonly string[]
  /** Where the evidence is to be had instead, or besides: whoever withholds it loses the bond. */
  readonly urls?: readonly string[]
  readonly fetch?: typeof fetch | undefined
}

const uploadTimeoutMs = 60_000
const maxShownText = 300

/** How evidence is sent. */
interface Sending {
  readonly signal: AbortSignal | undefined
  readonly fetch: typeof fetch | undefined
}

async function handOver(server: string, evidence: Evidence, { signal, fetch: send = globalThis.fetch.bind(globalThis) }: Sending): Promise<string> {
  const deadline = createDeadline({ timeoutMs: uploadTimeoutMs, signal })
  try {
    const response = await send(`${server.replace(/\/+$/, '')}${attestationPaths.evidence}`, { method: 'POST', body: encodeEvidence(evidence), headers: { 'content-type': 'application/octet-stream' }, signal: deadline.signal })
    const text = await response.text()
    if (!response.ok) throw new StreamflowError('EvidenceUnavailable', `${server} does not take it: ${response.status} ${text.slice(0, maxShownText)}`, { data: { server, status: response.status } })
    const { receiptHash, url } = parseJson(evidenceTakenSchema, text)
    if (!isSameHex(receiptHash, hashEvidence(evidence))) throw new StreamflowError('BadMessage', `${server} took other evidence than it was handed`)
    return url
  } catch (error) {
    throw toStreamflowError(error, 'EvidenceUnavailable', server)
  } finally {
    deadline.clear()
  }
}

/** @returns where it is; none only if no server was named @throws the first failure if no server took it */
async function handToOne(servers: readonly string[], evidence: Evidence, options: Sending): Promise<readonly string[]> {
  let failure: unknown
  for (const server of servers) {
    try {
      return [await handOver(server, evidence, options)]
    } catch (error) {
      failure ??= error
    }
  }
  if (failure !== undefined) throw toStreamflowError(failure, 'EvidenceUnavailable')
  return []
}

/**
 * Challenges the receipt of some evidence. Nothing is put up before it is certain that somebody judges the service, that the
 * bond is within what may be put up, and that the evidence can be had.
 * @throws {@link StreamflowError} `InvalidArgument` if nobody judges it, the bond is more, or nobody is told where the evidence is;
 *   `EvidenceUnavailable` if no attester takes it; `WalletRejected`, `ChainReverted`, …
 * @example
 * await challenge(readEvidence(file), { network, wallet, bond: parseEther('0.1'), attesters: ['https://attester.example.org'] })
 */
export async function challenge(evidence: Evidence, { bond, attesters = [], urls = [], fetch, ...options }: ChallengeOptions): Promise<OpenChallengeResult> {
  const { network, signal } = options
  const { receipt, domain } = evidence
  const own = getDomain(network)
  if (domain.chainId !== own.chainId || !isSameHex(domain.ticketBroker, own.ticketBroker)) {
    throw new StreamflowError('InvalidArgument', `evidence: it is of the network ${domain.chainId}/${domain.ticketBroker}, not of this one`, { data: { option: 'evidence' } })
  }
  const terms = await getChallengeTerms({ network, service: receipt.serviceId, round: receipt.round, signal })
  if (terms.verifier === undefined) {
    throw new StreamflowError('InvalidArgument', 'evidence: nobody judges this service, so its orchestrators cannot be slashed for it', {
      data: { option: 'evidence', serviceId: receipt.serviceId },
      help: 'Only a service that gives the same bytes everywhere can be judged on chain; leave the orchestrator instead.',
    })
  }
  if (terms.bond > bond) throw new StreamflowError('InvalidArgument', `bond: the network asks for ${terms.bond} wei, at most ${bond} may be put up`, { data: { option: 'bond', bond: terms.bond } })
  if (attesters.length + urls.length === 0) throw new StreamflowError('InvalidArgument', 'attesters: name one who takes the evidence, or urls where it is to be had', { data: { option: 'attesters' } })
  const notice = encodeEvidenceNotice([...(await handToOne(attesters, evidence, { signal, fetch })), ...urls])
  return openChallenge({ ...options, receipt, evidence: notice })
}
