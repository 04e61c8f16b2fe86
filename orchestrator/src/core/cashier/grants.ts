/** Checks that a wallet allowed a session key: an EOA's signature, or a smart account's word by ERC-1271. */

import { StreamflowError } from '@streamflow/sdk/errors'
import { hashGrant, type Domain } from '@streamflow/sdk/payments'
import type { SignedGrant } from '@streamflow/sdk/protocol'
import type { Chain } from './chain.js'
import type { Ledger } from './ledger.js'
import type { TicketVerifier } from './signer.js'

type Hex = `0x${string}`

interface GrantCheck {
  readonly domain: Domain
  readonly chain: Chain
  readonly ledger: Ledger
  readonly verifier: TicketVerifier
}

/**
 * Same judgement as the broker's: recovery first, then ERC-1271. A grant that the ledger holds was checked before.
 * @returns the grant's hash
 * @throws {@link StreamflowError} `GrantInvalid`, `ChainUnavailable`
 */
export async function verifyGrant({ domain, chain, ledger, verifier }: GrantCheck, grant: SignedGrant): Promise<Hex> {
  const digest = hashGrant(domain, grant)
  const grantHash: Hex = `0x${Buffer.from(digest).toString('hex')}`
  const known = ledger.getGrant(grantHash)
  if (known?.signature === grant.signature) return grantHash
  if (verifier.recover(digest, grant.signature) === grant.sender) return grantHash
  if (await chain.isValidSignature(grant.sender, grantHash, grant.signature)) return grantHash
  throw new StreamflowError('GrantInvalid', 'the wallet did not sign this grant')
}
