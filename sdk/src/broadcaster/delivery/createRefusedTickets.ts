/** Tickets that an orchestrator has and never accepted: some may be sent again, all may be redeemed while their round is good. Pure. */

import type { WireTicket } from '../../protocol/openSegment.js'
import type { Hex } from '../../units/hex.js'

/** A signed ticket and what it is worth on average, in wei. */
export interface PaidTicket {
  readonly ticket: WireTicket
  readonly value: bigint
  /** EIP-712 digest: the ticket's name on chain. */
  readonly hash: Hex
}

/** `again`: refused, may be sent again. `final`: refused for good. `unknown`: the connection broke, nobody here can tell. */
export type TicketRefusal = 'again' | 'final' | 'unknown'

/** See {@link createRefusedTickets}. */
export interface RefusedTickets {
  /** Those that were refused for certain. */
  readonly refused: readonly PaidTicket[]
  add(paid: PaidTicket, refusal: TicketRefusal): void
  /** One worth `least` at least that may be sent again, the smallest such. */
  find(least: bigint, nowSeconds: number): PaidTicket | undefined
  /** The same; it is taken out. */
  take(least: bigint, nowSeconds: number): PaidTicket | undefined
  /** None may be sent again. */
  retire(): void
  /** Tickets of rounds before this one are void. @returns what those were worth together, wei */
  forgetBefore(round: bigint): bigint
}

/** Parameters that end sooner are not used again; covers a ticket's way and clocks that differ. */
const freshSeconds = 10

/** None yet. */
export function createRefusedTickets(): RefusedTickets {
  let tickets: readonly { readonly paid: PaidTicket; readonly refusal: TicketRefusal }[] = []
  const find = (least: bigint, nowSeconds: number): PaidTicket | undefined =>
    tickets
      .filter(({ paid, refusal }) => refusal === 'again' && paid.value >= least && paid.ticket.validUntil - nowSeconds > freshSeconds)
      .map(({ paid }) => paid)
      .sort((a, b) => (a.value < b.value ? -1 : 1))[0]
  return {
    get refused() {
      return tickets.filter(({ refusal }) => refusal !== 'unknown').map(({ paid }) => paid)
    },
    add: (paid, refusal) => void (tickets = [...tickets, { paid, refusal }]),
    find,
    take(least, nowSeconds) {
      const found = find(least, nowSeconds)
      tickets = tickets.filter(({ paid }) => paid !== found)
      return found
    },
    retire: () => void (tickets = tickets.map(({ paid, refusal }) => ({ paid, refusal: refusal === 'again' ? 'final' : refusal }))),
    forgetBefore(round) {
      const gone = tickets.filter(({ paid }) => paid.ticket.creationRound < round)
      tickets = tickets.filter((ticket) => !gone.includes(ticket))
      return gone.reduce((sum, { paid }) => sum + paid.value, 0n)
    },
  }
}
