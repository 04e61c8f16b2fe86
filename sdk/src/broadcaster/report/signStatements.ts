/** The broadcaster's signed sums: what an orchestrator's statement is compared with, to the wei. */

import { hashStatement, type Statement } from '../../payments/statement.js'
import type { Hex } from '../../units/hex.js'
import type { Site } from '../delivery/createSite.js'
import type { StreamContext } from '../streamContext.js'

/** Our sum at one orchestrator. */
export interface OwnStatement extends Statement {
  /** By the session key. */
  readonly signature: Hex
  /**
   * Whether messages were lost with a connection: then `balance` is agreed with the orchestrator, and `segments`,
   * `tickets`, `credited` and `fees` may lack what was lost.
   */
  readonly isAdopted: boolean
}

/** Signs the present sums of all orchestrators that the stream was at. */
export function signStatements({ sites, context, streamId }: { readonly sites: readonly Site[]; readonly context: StreamContext; readonly streamId: Hex }): readonly OwnStatement[] {
  const { session, domain, now } = context
  return sites.flatMap(({ orchestrator, mirror }) => {
    if (mirror === undefined) return []
    const { segments, tickets, credited, fees, balance, isAdopted } = mirror.totals
    const statement: Statement = { orchestrator, broadcaster: session.grant.sender, streamId, segments, tickets, credited, fees, balance, issuedAt: Math.floor(now() / 1_000) }
    return [{ ...statement, isAdopted, signature: session.signer.sign(hashStatement(domain, statement)) }]
  })
}
