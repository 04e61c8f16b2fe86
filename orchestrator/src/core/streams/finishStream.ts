/** The last things that are done for a stream: its relay runs empty, its broadcaster gets the statement. */

import { toStreamflowError } from '@streamflow/sdk/errors'
import { createErrorReply, type OrchestratorMessage } from '@streamflow/sdk/protocol'
import type { SignedStatement, StreamAccount } from '../payments.js'
import type { Clock } from './clock.js'
import { streamBounds } from './policy.js'
import type { Relay } from './relay.js'

/** Lets a relay run empty within its deadline, then makes sure that nothing of it runs. Never rejects. */
export async function flushRelay(relay: Relay, clock: Clock): Promise<void> {
  let cancel = (): void => {}
  const deadline = new Promise<void>((resolve) => (cancel = clock.every(streamBounds.flushMs, resolve)))
  await Promise.race([relay.end().catch(() => undefined), deadline])
  cancel()
  await relay.abort().catch(() => undefined)
}

/** Ends the account and sends the signed sum of the stream, or why there is none. Never rejects. */
export async function tellStatement(account: StreamAccount, send: (message: OrchestratorMessage) => void): Promise<SignedStatement | undefined> {
  try {
    const statement = await account.state()
    account.end()
    const { segments, tickets, credited, fees, balance, issuedAt, streamId, signature } = statement
    send({ type: 'ended', statement: { segments, tickets, issuedAt, credited, fees, balance, streamId, signature } })
    return statement
  } catch (thrown) {
    send(createErrorReply(toStreamflowError(thrown, 'LedgerFailed')))
    return undefined
  }
}
