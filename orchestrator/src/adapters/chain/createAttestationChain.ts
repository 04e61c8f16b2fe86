/** The chain as a committee member sees it: what it is asked, and where its answer goes. */

import { getChallenge, getCommittee, listAttestationRequests, submitVerdict, type AttestationRequest, type WalletSource } from '@streamflow/sdk'
import { getCurrentRound, type Network } from '@streamflow/sdk/chain'
import type { AttestationChain, WaitingChallenge } from '../../core/attestation/attester.js'

type Hex = `0x${string}`

/** Challenges that are looked at in each turn; each cost its challenger a bond. */
const maxWatched = 1_000

/**
 * @param options.wallet - who pays for handing answers in
 * @param options.sinceSeconds - unix time: nothing that was asked before can still be answered
 */
export function createAttestationChain({ network, wallet, sinceSeconds }: { readonly network: Network; readonly wallet: WalletSource; readonly sinceSeconds: number }): AttestationChain {
  const watched = new Map<Hex, AttestationRequest>()
  let nextBlock: bigint | undefined

  const look = async ({ challengeId, urls }: AttestationRequest): Promise<readonly WaitingChallenge[]> => {
    const state = await getChallenge({ network, challengeId })
    if (state?.verdict === undefined && state?.state === 'waiting') {
      const { orchestrator, challenger, receiptHash, deadline } = state
      return [{ challengeId, orchestrator, challenger, receiptHash, urls, deadline }]
    }
    watched.delete(challengeId)
    return []
  }

  return {
    async listWaiting() {
      const from = nextBlock === undefined ? { unixSeconds: sinceSeconds } : { block: nextBlock }
      const found = await listAttestationRequests({ network, from })
      // What was read again and is over goes again at once. What finds no room is read again.
      const fresh = found.requests.filter(({ challengeId }) => !watched.has(challengeId)).slice(0, Math.max(0, maxWatched - watched.size))
      for (const request of fresh) watched.set(request.challengeId, request)
      if (watched.size < maxWatched) nextBlock = found.nextBlock
      const waiting: WaitingChallenge[] = []
      for (const request of [...watched.values()]) waiting.push(...(await look(request)))
      return waiting
    },
    getRound: () => getCurrentRound(network),
    getCommittee: () => getCommittee({ network }),
    async submit(answer) {
      await submitVerdict({ network, wallet, ...answer })
    },
  }
}
