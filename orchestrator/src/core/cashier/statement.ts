/** Signs the sum of a stream so far. */

import { computeBalance, hashStatement, type Statement } from '@streamflow/sdk/payments'
import type { SignedStatement } from '../payments.js'
import type { AccountState } from './accounts.js'
import type { AccountTools } from './accountTools.js'
import { viewAccount } from './carry.js'

/** The statement of an account as it stands; durable when it resolves, with everything that it sums up. */
export async function signStatement(tools: Pick<AccountTools, 'domain' | 'signer' | 'recipient' | 'ledger' | 'now' | 'accounts'>, state: AccountState): Promise<SignedStatement> {
  const { domain, signer, recipient, ledger, now } = tools
  const { terms, segments, tickets } = state
  const account = viewAccount(tools, state)
  const statement: Statement = {
    orchestrator: recipient,
    broadcaster: terms.sender,
    streamId: terms.streamId,
    segments,
    tickets,
    credited: account.credited,
    fees: account.charged,
    balance: computeBalance(account),
    issuedAt: Math.floor(now()),
  }
  const signed = { ...statement, signature: signer.sign(hashStatement(domain, statement)) }
  await ledger.write([{ kind: 'statement', record: signed }])
  return signed
}
