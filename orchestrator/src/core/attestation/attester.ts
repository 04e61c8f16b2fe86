/**
 * A committee member's conduct, turn by turn. For each challenge that waits for an answer: get the evidence, repeat the work,
 * sign what came out, once and for good, gather what the others signed, and hand it in when enough agree.
 *
 * Where the evidence is not to be had, nothing is signed until the last round in which there can be an answer: it may be late,
 * and whoever sees it later than the others must not be alone. Then it counts as withheld.
 */

import type { StreamflowError } from '@streamflow/sdk/errors'
import { toStreamflowError } from '@streamflow/sdk/errors'
import { hashVerdict, recoverVerdictSigner, type Domain, type SignedVerdict, type VerdictName } from '@streamflow/sdk/payments'
import { hashEvidence, type Evidence } from '@streamflow/sdk/protocol'

type Hex = `0x${string}`

/** A challenge that waits for the committee. Addresses in lower case. */
export interface WaitingChallenge {
  readonly challengeId: Hex
  readonly orchestrator: Hex
  readonly challenger: Hex
  readonly receiptHash: Hex
  /** Where its evidence is to be had, by the challenger. */
  readonly urls: readonly string[]
  /** Last round in which there can be an answer. */
  readonly deadline: bigint
}

/** A member's word, by whom. */
export interface Attestation extends SignedVerdict {
  readonly attester: Hex
}

/** What the chain tells and takes. */
export interface AttestationChain {
  /** Those that wait now, oldest first. */
  listWaiting(): Promise<readonly WaitingChallenge[]>
  getRound(): Promise<bigint>
  getCommittee(): Promise<{ readonly threshold: number; readonly members: readonly { readonly attester: Hex; readonly signer: Hex }[] }>
  submit(answer: { readonly challengeId: Hex; readonly verdict: VerdictName; readonly attestations: readonly Attestation[] }): Promise<void>
}

/** Where evidence comes from. */
export interface EvidenceFinder {
  /** Evidence that is of one piece; undefined if it is not to be had. */
  find(challenge: WaitingChallenge): Promise<Evidence | undefined>
}

/** Who repeats the work. Undefined: it cannot be told here. */
export type Judge = (evidence: Evidence) => Promise<'guilty' | 'innocent' | undefined>

/** What was signed, for good. */
export interface VerdictJournal {
  read(challengeId: Hex): Promise<Attestation | undefined>
  /** Makes it durable. @returns what stands: another one, if one was there */
  write(attestation: Attestation): Promise<Attestation>
}

/** The other members. */
export interface Members {
  /** What they say they signed; unchecked. */
  ask(challengeId: Hex): Promise<readonly Attestation[]>
}

/** What an attester tells. */
export interface AttesterEvents {
  signed(attestation: Attestation): void
  submitted(challengeId: Hex, verdict: VerdictName): void
  /** The challenge is left to the others: the work cannot be repeated here. */
  abstained(challengeId: Hex): void
  troubled(error: StreamflowError, challengeId?: Hex): void
}

/** What an attester works with. */
export interface AttesterOptions {
  /** The member's account. */
  readonly account: Hex
  readonly domain: Domain
  sign(digest: Uint8Array): Hex
  readonly chain: AttestationChain
  readonly evidence: EvidenceFinder
  readonly judge: Judge
  readonly journal: VerdictJournal
  readonly members: Members
  readonly events: AttesterEvents
}

/** See above. */
export class Attester {
  readonly #options: AttesterOptions
  /** Turns since an answer was complete: members hand it in one after the other, so that only one pays for it. */
  readonly #completeTurns = new Map<Hex, number>()
  readonly #abstained = new Set<Hex>()

  constructor(options: AttesterOptions) {
    this.#options = options
  }

  /** Looks at everything once. Never throws: what goes wrong is told, and tried again in the next turn. */
  async turn(): Promise<void> {
    const { chain, events, account } = this.#options
    try {
      const [waiting, committee, round] = await Promise.all([chain.listWaiting(), chain.getCommittee(), chain.getRound()])
      this.#forget(waiting)
      for (const challenge of waiting) {
        if (challenge.orchestrator === account || challenge.challenger === account) continue // nobody judges in a case of their own
        await this.#attend(challenge, committee, round).catch((error: unknown) => events.troubled(toStreamflowError(error, 'Internal'), challenge.challengeId))
      }
    } catch (error) {
      events.troubled(toStreamflowError(error, 'Internal'))
    }
  }

  #forget(waiting: readonly WaitingChallenge[]): void {
    const ids = new Set(waiting.map(({ challengeId }) => challengeId))
    for (const id of this.#completeTurns.keys()) if (!ids.has(id)) this.#completeTurns.delete(id)
    for (const id of this.#abstained) if (!ids.has(id)) this.#abstained.delete(id)
  }

  async #attend(challenge: WaitingChallenge, committee: Awaited<ReturnType<AttestationChain['getCommittee']>>, round: bigint): Promise<void> {
    const { chain, journal, members, account, events } = this.#options
    const { challengeId } = challenge
    if (!committee.members.some(({ attester }) => attester === account)) return
    const own = (await journal.read(challengeId)) ?? (await this.#decide(challenge, round))
    const said = [...(own === undefined ? [] : [own]), ...(await members.ask(challengeId))]
    const counted = new Map<Hex, Attestation>()
    for (const attestation of said) if (this.#counts(attestation, challenge, committee)) counted.set(attestation.attester, attestation)
    for (const verdict of ['guilty', 'innocent', 'unavailable'] as const) {
      const agreeing = [...counted.values()].filter((attestation) => attestation.verdict === verdict).sort((a, b) => (a.attester < b.attester ? -1 : 1))
      if (agreeing.length < committee.threshold) continue
      const turns = this.#completeTurns.get(challengeId) ?? 0
      this.#completeTurns.set(challengeId, turns + 1)
      const rank = agreeing.findIndex(({ attester }) => attester === account)
      const late = turns - (rank < 0 ? agreeing.length : rank)
      if (late < 0) return
      // Others in each try: one of them may have lost the stake that makes its word count.
      const from = late % agreeing.length
      await chain.submit({ challengeId, verdict, attestations: [...agreeing.slice(from), ...agreeing.slice(0, from)].slice(0, committee.threshold) })
      events.submitted(challengeId, verdict)
    }
  }

  /** Signed by a member's own key, and of one that may judge here. */
  #counts(attestation: Attestation, { challengeId, orchestrator, challenger }: WaitingChallenge, { members }: { readonly members: readonly { readonly attester: Hex; readonly signer: Hex }[] }): boolean {
    const { attester } = attestation
    const member = members.find((other) => other.attester === attester)
    if (member === undefined || attestation.challengeId !== challengeId || attester === orchestrator || attester === challenger) return false
    return recoverVerdictSigner(this.#options.domain, attestation)?.toLowerCase() === member.signer
  }

  async #decide(challenge: WaitingChallenge, round: bigint): Promise<Attestation | undefined> {
    const { evidence: finder, judge, events } = this.#options
    const { challengeId, receiptHash, deadline } = challenge
    if (this.#abstained.has(challengeId)) return undefined
    const evidence = await finder.find(challenge)
    if (evidence === undefined || hashEvidence(evidence) !== receiptHash) return round < deadline ? undefined : this.#sign(challengeId, 'unavailable')
    const verdict = await judge(evidence)
    if (verdict !== undefined) return this.#sign(challengeId, verdict)
    this.#abstained.add(challengeId)
    events.abstained(challengeId)
    return undefined
  }

  /** Durable before anybody sees it: two answers of one member cost its stake. */
  async #sign(challengeId: Hex, verdict: VerdictName): Promise<Attestation> {
    const { account, domain, journal, events } = this.#options
    const signature = this.#options.sign(hashVerdict(domain, { challengeId, verdict }))
    const standing = await journal.write({ attester: account, challengeId, verdict, signature })
    events.signed(standing)
    return standing
  }
}
