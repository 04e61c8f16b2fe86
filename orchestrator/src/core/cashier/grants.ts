/** Checks that a wallet allowed a session key: an EOA's signature, or the broker's word that it did. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { hashGrant, type Domain } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import type { Standings } from './standings.js'
import type { TicketVerifier } from './signer.js'

type Hex = `0x${string}`

interface GrantCheck {
  readonly domain: Domain
  readonly verifier: TicketVerifier
  readonly standings: Standings
}

/**
 * An EOA's signature is as good at redemption as now. A smart account may say yes now and no then, so its grant counts
 * only once the broker has registered it; that is read with the sender's funds, in one call.
 * @returns the grant's hash
 * @throws {@link StreamflowError} `GrantInvalid`, `ChainUnavailable`
 */
export async function verifyGrant({ domain, verifier, standings }: GrantCheck, grant: SignedGrant): Promise<Hex> {
  const digest = hashGrant(domain, grant)
  const grantHash: Hex = `0x${Buffer.from(digest).toString('hex')}`
  if (verifier.recover(digest, grant.signature) === grant.sender) return grantHash
  const { grantRegistered } = await standings.read(grant.sender, grantHash, grant.key)
  if (grantRegistered) return grantHash
  throw new StreamflowError('GrantInvalid', 'the wallet did not sign this grant; that of a smart account must be registered with the broker first')
}
